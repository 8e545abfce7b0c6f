// Floor 5, Node: payloads that were checked before they were voted on, kept until they are executed, so that no signature
// is recovered twice.
import Engine
import Primitives

/// Thread-safe and bounded; what is evicted is merely computed again.
final class PreparedPayloads: Sendable {
    /// Payloads in flight are those of a few views; more only while catching up.
    private static let capacity = 64

    private struct Content {
        var byRoot: [Hash256: [PreparedTransaction]] = [:]
        var order: [Hash256] = []
    }

    private let content = Protected(Content())

    func store(_ transactions: [PreparedTransaction], payloadRoot: Hash256) {
        content.with { content in
            guard content.byRoot.updateValue(transactions, forKey: payloadRoot) == nil else { return }
            content.order.append(payloadRoot)
            if content.order.count > Self.capacity { content.byRoot[content.order.removeFirst()] = nil }
        }
    }

    /// Returns the payload and forgets it.
    func take(_ payloadRoot: Hash256) -> [PreparedTransaction]? {
        content.with { content in
            guard let found = content.byRoot.removeValue(forKey: payloadRoot) else { return nil }
            content.order.removeAll { $0 == payloadRoot }
            return found
        }
    }

    func contains(_ payloadRoot: Hash256) -> Bool { content.with { $0.byRoot[payloadRoot] != nil } }
}
