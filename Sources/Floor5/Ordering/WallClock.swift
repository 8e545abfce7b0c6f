// Floor 5, Ordering: the clock that block timestamps come from.
import Glibc

/// Milliseconds since 1970, by the machine's wall clock.
package func wallClockMilliseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
