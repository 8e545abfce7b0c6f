// Encryption of one direction of a connection. Invariant: a (key, counter) pair is used once; it is a class so that
// no copy can use it again.

import CSodium

/// ChaCha20-Poly1305 (RFC 8439) with the frame count as nonce; the key is replaced after `rekeyInterval` frames.
@safe
package final class FrameCipher {
    static let nonceByteCount = 12
    static let tagByteCount = 16
    /// 2^20 frames of 64 KiB are 64 GiB: far below the cipher's bounds, and old traffic stays closed if a key leaks.
    package static let rekeyInterval: UInt64 = 1 << 20

    private var key: Secret
    private var counter: UInt64 = 0
    private let interval: UInt64

    init(key: Secret, rekeyInterval: UInt64 = FrameCipher.rekeyInterval) {
        self.key = key
        interval = rekeyInterval
    }

    /// For tests of the frame layer without a handshake.
    package convenience init(key bytes: [UInt8], rekeyInterval: UInt64) {
        let key = Secret(count: 32)
        for index in 0..<min(32, bytes.count) { unsafe key.pointer[index] = bytes[index] }
        self.init(key: key, rekeyInterval: rekeyInterval)
    }

    /// Completes a frame in place: the caller has put `plaintextCount` bytes behind the 2-byte header.
    /// - Returns: the number of bytes of the whole frame.
    package func seal(_ frame: UnsafeMutablePointer<UInt8>, plaintextCount: Int) -> Int {
        let count = plaintextCount + Self.tagByteCount
        unsafe frame[0] = UInt8(truncatingIfNeeded: count >> 8)
        unsafe frame[1] = UInt8(truncatingIfNeeded: count)
        let body = unsafe frame + FrameFormat.headerByteCount
        _ = unsafe withNonce { nonce in
            unsafe crypto_aead_chacha20poly1305_ietf_encrypt_detached(
                body, body + plaintextCount, nil, body, UInt64(plaintextCount), frame,
                UInt64(FrameFormat.headerByteCount), nil, nonce, key.pointer)
        }
        advance()
        return FrameFormat.headerByteCount + count
    }

    /// Decrypts a frame in place; `ciphertextCount` is what its header says.
    /// - Returns: `false` when the frame is not the next one of the peer; nothing was decrypted then.
    package func open(_ frame: UnsafeMutablePointer<UInt8>, ciphertextCount: Int) -> Bool {
        guard ciphertextCount >= Self.tagByteCount else { return false }
        let count = ciphertextCount - Self.tagByteCount
        let body = unsafe frame + FrameFormat.headerByteCount
        let status = unsafe withNonce { nonce in
            unsafe crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                body, nil, body, UInt64(count), body + count, frame, UInt64(FrameFormat.headerByteCount), nonce,
                key.pointer)
        }
        guard status == 0 else { return false }
        advance()
        return true
    }

    /// Four zero bytes and the little-endian counter.
    @inline(__always)
    private func withNonce<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R {
        var nonce: (UInt32, UInt32, UInt32) = (
            0, UInt32(truncatingIfNeeded: counter).littleEndian, UInt32(truncatingIfNeeded: counter >> 32).littleEndian
        )
        return unsafe withUnsafeBytes(of: &nonce) { bytes in
            unsafe body(bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
    }

    private func advance() {
        counter += 1
        guard counter == interval else { return }
        key = Blake2b.derive(key, Array("rekey".utf8))
        counter = 0
    }
}
