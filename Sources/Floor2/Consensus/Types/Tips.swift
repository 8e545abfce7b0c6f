// What a timeout certificate says about blocks that may be certified although nobody in it has seen the certificate.
//
// A pair (view, hash) is skippable when timeouts that do not report this hash from this view on weigh at least Q: then no quorum certificate
// of the block of this or a later view can exist. Only blocks on the certificate's highest block count: others cannot have been certified.
import Primitives

/// A block that timeouts report as last voted for, under one view.
struct Tip: Equatable {
    var view: UInt64
    var hash: Hash256
}

extension TimeoutCertificate {
    /// The distinct reported pairs that lie on the highest certified block, newest first.
    var tips: [Tip] {
        var tips: [Tip] = []
        for statement in statements
        where statement.tipView > highQC.view && statement.tipHash != highQC.blockHash && statement.tipParentHash == highQC.blockHash {
            let tip = Tip(view: statement.tipView, hash: statement.tipHash)
            if !tips.contains(tip) { tips.append(tip) }
        }
        return tips.sorted { ($0.view, $0.hash) > ($1.view, $1.hash) }
    }

    /// The weight of those that report the tip's hash under its view or a later one.
    func weight(reporting tip: Tip, _ set: ValidatorSet) -> UInt64 {
        var weight: UInt64 = 0
        var position = 0
        for index in signers.indices where position < statements.count {
            let statement = statements[position]
            if statement.tipHash == tip.hash, statement.tipView >= tip.view { weight += set.weight(index) }
            position += 1
        }
        return weight
    }

    /// The indices of those that report the tip's hash under its view or a later one.
    func reporters(of tip: Tip) -> [UInt16] {
        zip(signers.indices, statements).filter { $0.1.tipHash == tip.hash && $0.1.tipView >= tip.view }.map { UInt16($0.0) }
    }

    /// The tips that are not skippable, newest first.
    func openTips(_ set: ValidatorSet) -> [Tip] {
        var total: UInt64 = 0
        for index in signers.indices { total += set.weight(index) }
        return tips.filter { total - weight(reporting: $0, set) < set.quorumWeight }
    }

    /// Whether the tip's block may be proposed again: each newer tip of another block is skippable. One of the same view could only be
    /// certified if that view's leader had signed two blocks.
    func permits(_ tip: Tip, open: [Tip]) -> Bool {
        open.allSatisfy { $0.hash == tip.hash || $0.view <= tip.view }
    }

    /// The certificate with one more report. The signer must not be in it.
    func adding(_ timeout: Timeout) -> TimeoutCertificate {
        var result = self
        let signer = Int(timeout.signed.signer)
        let position = signers.indices.filter { $0 < signer }.count
        result.signers.insert(signer)
        result.statements.insert(timeout.signed.statement, at: position)
        result.signatures.insert(timeout.signed.signature, at: position)
        if timeout.highQC.view > highQC.view { result.highQC = timeout.highQC }
        return result
    }
}
