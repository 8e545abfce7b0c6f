// The guest program: executes the batch on its private tape and writes the public statement. Its exit code is zero, or the
// number of the error for which the batch proves nothing.
import Engine

@main
struct Guest {
    static func main() {
        do throws(TransitionError) {
            let statement = try BatchTransition.run(tape: readTape()).encode()
            unsafe statement.withUnsafeBytes { bytes in
                unsafe guest_write_output(bytes.baseAddress, UInt32(truncatingIfNeeded: bytes.count))
            }
        } catch {
            guest_halt(error.code)
        }
    }

    private static func readTape() -> [UInt8] {
        let count = Int(truncatingIfNeeded: guest_input_remaining())
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = Int(truncatingIfNeeded: unsafe guest_read_input(buffer.baseAddress, UInt32(truncatingIfNeeded: count)))
        }
    }
}
