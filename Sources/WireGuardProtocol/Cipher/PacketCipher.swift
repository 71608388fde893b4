internal import CPacketCipher
package import WireGuardKeys

/// ChaCha20-Poly1305 of data packets (the paper's section 5.4.6), a batch under one key at a time.
///
/// One for each thread. It keeps no key: that is taken for a batch and wiped after it. Our own cipher goes through a
/// whole batch at once, but only some processors can run it; libcrypto serves the others.
package struct PacketCipher: ~Copyable {
    private let usesVectors: Bool
    private var libcrypto = LibcryptoPacketCipher()

    /// Whether this processor can run our own cipher.
    package static let hasVectors = cpacketcipher_is_available()

    package init(usesVectors: Bool = true) { self.usesVectors = usesVectors && Self.hasVectors }

    /// Writes each plaintext's ciphertext and, behind it, its tag.
    package mutating func seal(_ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, key: borrowing KeyBytes) {
        guard usesVectors else { return libcrypto.seal(jobs, key: key) }
        guard let start = jobs.baseAddress else { return }
        key.span.withUnsafeBufferPointer { cpacketcipher_seal(start, jobs.count, $0.baseAddress!) }
    }

    /// Checks each tag, and writes the plaintexts of those that are right; zeros for the others.
    package mutating func open(_ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, key: borrowing KeyBytes) {
        if !usesVectors {
            libcrypto.open(jobs, key: key)
        } else if let start = jobs.baseAddress {
            key.span.withUnsafeBufferPointer { cpacketcipher_open(start, jobs.count, $0.baseAddress!) }
        }
        for job in jobs where !job.isAuthentic { job.destination.update(repeating: 0, count: job.count) }
    }
}
