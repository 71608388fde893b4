package import CPacketCipher

/// One packet of a batch on its way through the cipher.
///
/// Source and destination may be the same place, or places that do not overlap.
///
/// - `source`. To seal: the plaintext. To open: the ciphertext with its tag behind it.
/// - `destination`. To seal: room for `count` + 16 bytes. To open: room for `count` bytes.
/// - `count`: bytes of plaintext; 0 for a keepalive.
/// - `counter`: the nonce is four zero bytes and this number in little-endian order (the paper's section 5.4.6).
/// - `isAuthentic`: set by opening, whether the tag was right. Where it was not, the destination is zeroed.
package typealias UnsafeCipherJob = cpacketcipher_job

extension UnsafeCipherJob {
    package init(
        source: UnsafePointer<UInt8>, destination: UnsafeMutablePointer<UInt8>, count: Int, counter: UInt64
    ) {
        self.init(source: source, destination: destination, count: count, counter: counter, isAuthentic: false)
    }
}
