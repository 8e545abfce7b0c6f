// The monotonic clock of the process. It never steps back and says nothing about the date.

import CLibUV

/// Milliseconds since an arbitrary start. Any thread may call it.
public func monotonicMilliseconds() -> UInt64 { uv_hrtime() / 1_000_000 }

/// Microseconds since the same start.
public func monotonicMicroseconds() -> UInt64 { uv_hrtime() / 1_000 }
