// A shaper on the loop's clock: passes messages on when they are due.
// Invariant: after `end` it passes nothing on.

@LoopActor
final class ShapedDirection {
    private var shaper: LinkShaper
    private var timer: LoopTimer?
    private var deliver: (@LoopActor (LinkShaper.Item) -> Void)?

    init(_ shape: LinkShape, seed: UInt64, _ deliver: @escaping @LoopActor (LinkShaper.Item) -> Void) {
        shaper = LinkShaper(shape: shape, seed: seed)
        self.deliver = deliver
        timer = LoopTimer { [weak self] in self?.release() }
    }

    /// - Returns: how many messages this one made the link lose.
    func push(_ item: LinkShaper.Item) -> UInt64 {
        let before = shaper.lost
        shaper.push(item, nowMicroseconds: monotonicMicroseconds())
        let lost = shaper.lost - before
        release()
        return lost
    }

    /// The connection is gone, and with it what was on the way.
    func clear() { shaper.clear() }

    /// Ends the shaping; what is on the way still arrives, now, unless the new shape is a block.
    func end(deliveringHeld: Bool) {
        let rest = deliveringHeld ? shaper.popDue(nowMicroseconds: .max) : []
        let deliver = deliver
        self.deliver = nil
        timer = nil
        for item in rest { deliver?(item) }
    }

    private func release() {
        for item in shaper.popDue(nowMicroseconds: monotonicMicroseconds()) { deliver?(item) }
        guard let timer, let due = shaper.nextDueMicroseconds else { return }
        let now = monotonicMicroseconds()
        timer.schedule(afterMilliseconds: due > now ? (due - now + 999) / 1_000 : 0)
    }
}
