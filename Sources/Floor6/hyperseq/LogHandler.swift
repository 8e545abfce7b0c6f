// Floor 6, hyperseq: log lines: time (UTC), level, message, facts.
internal import Foundation
internal import Logging

/// Writes one line per message to standard output.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let level = event.level
        var facts = metadata
        if let more = event.metadata { facts.merge(more) { $1 } }
        var text = "\(Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))) \(level) \(event.message)"
        for key in facts.keys.sorted() {
            if let value = facts[key] { text += " \(key)=\(value)" }
        }
        // A message may quote what a peer sent: it stays one line.
        Terminal.line(String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 })))
    }
}
