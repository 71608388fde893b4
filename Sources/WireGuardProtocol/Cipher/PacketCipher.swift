internal import CPacketCipher

/// ChaCha20-Poly1305 of data packets (the paper's section 5.4.6), a batch under one key at a time.
///
/// One for each thread. It keeps no key: that is taken for a batch and wiped after it. Our own cipher goes through a
/// whole batch at once, but only some processors can run it; libcrypto serves the others.
package struct PacketCipher: ~Copyable {
    private let path: cpacketcipher_path?
    private var libcrypto = LibcryptoPacketCipher()

    /// `kind` must be available.
    package init(_ kind: CipherKind = .fastest) {
        precondition(kind.isAvailable, "this processor cannot run \(kind)")
        path = kind.path
    }

    /// Writes each plaintext's ciphertext, followed by its tag. The key has 32 bytes, and is not copied.
    package mutating func seal(_ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, key: Span<UInt8>) {
        guard let path else { return libcrypto.seal(jobs, key: key) }
        guard let start = jobs.baseAddress else { return }
        key.withUnsafeBufferPointer { cpacketcipher_seal(path, start, jobs.count, $0.baseAddress!) }
    }

    /// Checks each tag, and writes the plaintexts of those that are right; zeros for the others.
    package mutating func open(_ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, key: Span<UInt8>) {
        guard let start = jobs.baseAddress else { return }
        if let path {
            key.withUnsafeBufferPointer { cpacketcipher_open(path, start, jobs.count, $0.baseAddress!) }
        } else {
            libcrypto.open(jobs, key: key)
        }
        for job in jobs where !job.isAuthentic { job.destination.update(repeating: 0, count: job.count) }
    }
}
