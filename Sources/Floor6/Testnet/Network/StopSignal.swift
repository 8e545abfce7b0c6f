// Floor 6, Testnet: SIGINT, SIGTERM and SIGHUP as a flag that loops look at.
internal import Glibc
internal import Synchronization

/// Whether the user has asked to stop.
public enum StopSignal {
    private static let count = Atomic<Int>(0)

    /// Starts to catch the signals.
    public static func install() {
        count.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in StopSignal.count.add(1, ordering: .relaxed) }
        }
    }

    public static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }
}
