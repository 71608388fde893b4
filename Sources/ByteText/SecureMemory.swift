internal import CSodium

package enum SecureMemory {
    /// Zeroes memory that held a secret; the compiler never leaves this out, as it may a plain fill.
    package static func zero(_ memory: UnsafeMutableRawPointer, count: Int) { sodium_memzero(memory, count) }
}
