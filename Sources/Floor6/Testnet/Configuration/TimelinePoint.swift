// Floor 6, Testnet: moments of a run: a time, or the height that the chain has reached.

/// When something happens.
public enum TimelinePoint: Equatable, Sendable {
    /// After the chain has started.
    case milliseconds(UInt64)
    /// As soon as a node has finalised this height.
    case height(UInt64)

    static func parse(_ key: String, _ section: inout ConfigTable, default fallback: TimelinePoint? = nil) throws(ConfigError) -> TimelinePoint {
        if let fallback, !section.keys.contains(key) { return fallback }
        let text = try section.string(key)
        let prefix = "height:"
        if text.hasPrefix(prefix), let height = UInt64(text.dropFirst(prefix.count)), height > 0 { return .height(height) }
        guard let milliseconds = UnitText.milliseconds(text), milliseconds <= ConfigTable.longestMilliseconds else {
            throw section.error(key, "must be a time such as \"10s\" or a height such as \"height:50\", not \"\(text)\"")
        }
        return .milliseconds(milliseconds)
    }
}
