// Faults of links on purpose, for tests with real processes and without root.

extension PeerNetwork {
    /// Puts a fault on one direction of the link with a peer, now and for its later connections; `nil` takes it off.
    /// What an earlier shape holds arrives at once, unless the new one is a block.
    ///
    /// - Parameter seed: of the draws; the same seed, shape and messages give the same losses.
    /// - Returns: `false` when the peer is not known.
    @discardableResult
    public func shape(
        _ id: NodeID, _ direction: LinkDirection, _ shape: LinkShape?, seed: UInt64 = .random(in: 0...UInt64.max)
    ) -> Bool {
        guard let peer = peer(id) else { return false }
        let old = direction == .outbound ? peer.outbound : peer.inbound
        let new = shape.map { shape in
            ShapedDirection(shape, seed: seed) { [weak self, weak peer] item in
                guard let self, let peer else { return }
                switch direction {
                case .outbound: _ = peer.link?.send(item.message, item.channel, item.slot)
                case .inbound: self.deliver(item.message, item.channel, from: peer)
                }
            }
        }
        switch direction {
        case .outbound: peer.outbound = new
        case .inbound: peer.inbound = new
        }
        old?.end(deliveringHeld: shape?.isBlocked != true)
        return true
    }

    /// Cuts the connection with a peer and keeps it cut, or lets it heal: then we dial at once.
    /// - Returns: `false` when the peer is not known.
    @discardableResult
    public func sever(_ id: NodeID, _ isSevered: Bool) -> Bool {
        guard let peer = peer(id) else { return false }
        guard peer.isSevered != isSevered else { return true }
        peer.isSevered = isSevered
        if isSevered {
            peer.timer?.cancel()
            peer.dialing?.close(.severed)
            peer.link?.close(.severed)
        } else {
            peer.backoff.reset()
            dialNow(peer)
        }
        return true
    }

    /// Sends under the peer's outbound shape.
    func pass(_ message: [UInt8], _ channel: Channel, _ slot: MessageSlot?, to peer: Peer) -> Bool {
        guard let link = peer.link else { return false }
        guard let shaped = peer.outbound else { return link.send(message, channel, slot) }
        guard message.count <= channel.maximumMessageBytes else { return false }
        counters.shapedLosses += shaped.push(LinkShaper.Item(message, channel, slot))
        return true
    }

    /// Tells the node, if the peer is still connected.
    func deliver(_ message: [UInt8], _ channel: Channel, from peer: Peer) {
        guard peer.link != nil else { return }
        delegate?.received(message, channel: channel, from: peer.endpoint.id)
    }
}
