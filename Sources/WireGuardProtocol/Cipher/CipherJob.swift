/// One packet of a batch on its way through the cipher.
///
/// Source and destination may be the same place, or places that do not overlap.
package struct UnsafeCipherJob: BitwiseCopyable {
    /// To seal: the plaintext. To open: the ciphertext with its tag behind it.
    package var source: UnsafePointer<UInt8>
    /// To seal: room for `count` + 16 bytes. To open: room for `count` bytes.
    package var destination: UnsafeMutablePointer<UInt8>
    /// Bytes of plaintext; 0 for a keepalive.
    package var count: Int
    /// The nonce: four zero bytes and this number in little-endian order (the paper's section 5.4.6).
    package var counter: UInt64
    /// Set by opening: whether the tag was right. Where it was not, the destination holds no plaintext.
    package var isAuthentic = false

    @inlinable
    package init(
        source: UnsafePointer<UInt8>, destination: UnsafeMutablePointer<UInt8>, count: Int, counter: UInt64
    ) {
        (self.source, self.destination, self.count, self.counter) = (source, destination, count, counter)
    }
}
