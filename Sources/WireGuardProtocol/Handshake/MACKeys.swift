internal import CSodium
internal import WireGuardKeys

/// What a host's public key gives for MACs and cookies of messages to it (the paper's sections 5.4.4 and 5.4.7).
/// Everybody who knows whom they write to can compute these.
struct MACKeys: Sendable {
    let mac1: KeyBytes
    let cookie: KeyBytes

    init(_ receiver: PublicKey) {
        let labels = (Array("mac1----".utf8), Array("cookie--".utf8))
        mac1 = Blake2s.hash(labels.0.span, receiver.bytes.span)
        cookie = Blake2s.hash(labels.1.span, receiver.bytes.span)
    }

    /// MAC1 of a message, over all that stands before it.
    func mac1(of message: Span<UInt8>) -> MACBytes {
        Blake2s.mac(key: mac1.span, message.extracting(first: MessageMACs.mac1(in: message.count).lowerBound))
    }

    /// MAC2 of a message, over all that stands before it.
    static func mac2(of message: Span<UInt8>, cookie: MACBytes) -> MACBytes {
        Blake2s.mac(key: cookie.span, message.extracting(first: MessageMACs.mac2(in: message.count).lowerBound))
    }

    /// In constant time.
    static func areEqual(_ mac: MACBytes, _ field: Span<UInt8>) -> Bool {
        field.count == mac.count
            && mac.span.withUnsafeBufferPointer { mac in
                field.withUnsafeBufferPointer { sodium_memcmp(mac.baseAddress!, $0.baseAddress!, mac.count) == 0 }
            }
    }
}
