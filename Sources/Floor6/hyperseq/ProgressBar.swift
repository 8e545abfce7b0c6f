// Floor 6, hyperseq: how far a long command is.
internal import Foundation
internal import Glibc
internal import Synchronization

/// A bar on standard error, drawn at most some times a second; silent when nobody looks or JSON is wanted.
/// Any thread may move it.
final class ProgressBar: Sendable {
    private static let width = 40
    private static let leastInterval = Duration.milliseconds(100)

    private let isShown: Bool

    /// Whether anybody sees it.
    var isVisible: Bool { isShown }
    private let drawn = Mutex<ContinuousClock.Instant?>(nil)

    init(isWanted: Bool) { isShown = isWanted && isatty(STDERR_FILENO) == 1 }

    /// `done` from 0 to 1.
    func show(_ what: String, _ done: Double) {
        guard isShown else { return }
        let now = ContinuousClock.now
        let isDue = drawn.withLock { drawn in
            if let drawn, now - drawn < ProgressBar.leastInterval { return false }
            drawn = now
            return true
        }
        guard isDue else { return }
        let filled = Int(Double(ProgressBar.width) * min(max(done, 0), 1))
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: ProgressBar.width - filled)
        write("\r\u{1b}[K[\(bar)] \(Int(done * 100)) % \(what)")
    }

    /// Clears the line.
    func finish() { if drawn.withLock({ $0 != nil }) { write("\r\u{1b}[K") } }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
