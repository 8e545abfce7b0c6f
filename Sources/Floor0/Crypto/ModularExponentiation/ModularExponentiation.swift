// base ^ exponent mod modulus on byte strings, as the MODEXP precompile defines it (EIP-198).
// Natively on GMP, in the guest in plain Swift.

#if !hasFeature(Embedded)
    internal import CGMP
#endif

/// Modular exponentiation of big-endian numbers of any size. The caller bounds the sizes (by gas, and EIP-7823).
public enum ModularExponentiation {
    /// The power, in as many bytes as `modulus` has. A zero modulus gives zeros; 0 ^ 0 is 1 modulo anything above 1.
    public static func compute(base: [UInt8], exponent: [UInt8], modulus: [UInt8]) -> [UInt8] {
        #if hasFeature(Embedded)
            return PortableModularExponentiation.compute(base: base, exponent: exponent, modulus: modulus)
        #else
            var result = [UInt8](repeating: 0, count: modulus.count)
            // GMP divides by the modulus, and would stop the process on zero.
            guard modulus.contains(where: { $0 != 0 }) else { return result }
            var b = unsafe number(base)
            var e = unsafe number(exponent)
            var m = unsafe number(modulus)
            var power = unsafe number([])
            unsafe __gmpz_powm(&power, &b, &e, &m)
            let used = unsafe power._mp_size == 0 ? 0 : (__gmpz_sizeinbase(&power, 2) + 7) / 8
            if used > 0 {
                // The power is below the modulus, so it has no more bytes.
                unsafe result.withUnsafeMutableBytes { buffer in
                    _ = unsafe __gmpz_export(buffer.baseAddress! + (buffer.count - used), nil, 1, 1, 1, 0, &power)
                }
            }
            unsafe __gmpz_clear(&b)
            unsafe __gmpz_clear(&e)
            unsafe __gmpz_clear(&m)
            unsafe __gmpz_clear(&power)
            return result
        #endif
    }

    #if !hasFeature(Embedded)
        /// A GMP number, to be cleared by the caller.
        private static func number(_ bytes: [UInt8]) -> __mpz_struct {
            var value = unsafe __mpz_struct()
            unsafe __gmpz_init(&value)
            if !bytes.isEmpty { unsafe __gmpz_import(&value, bytes.count, 1, 1, 1, 0, bytes) }
            return unsafe value
        }
    #endif
}
