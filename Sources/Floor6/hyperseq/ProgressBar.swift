// Floor 6, hyperseq: how far a long command is.
internal import Foundation
internal import Glibc

/// A bar on standard error, drawn at most some times a second; silent when nobody looks or JSON is wanted.
final class ProgressBar {
    private static let width = 40
    private static let leastInterval = Duration.milliseconds(100)

    private let isShown: Bool
    private var drawn: ContinuousClock.Instant?

    init(isWanted: Bool) { isShown = isWanted && isatty(STDERR_FILENO) == 1 }

    /// `done` from 0 to 1.
    func show(_ what: String, _ done: Double) {
        let now = ContinuousClock.now
        guard isShown, drawn.map({ now - $0 >= ProgressBar.leastInterval }) ?? true else { return }
        drawn = now
        let filled = Int(Double(ProgressBar.width) * min(max(done, 0), 1))
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: ProgressBar.width - filled)
        write("\r\u{1b}[K[\(bar)] \(Int(done * 100)) % \(what)")
    }

    /// Clears the line.
    func finish() { if drawn != nil { write("\r\u{1b}[K") } }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
