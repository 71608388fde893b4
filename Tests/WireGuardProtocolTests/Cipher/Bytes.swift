import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

extension InlineArray where Element == UInt8 {
    init(hex digits: String) {
        let bytes = [UInt8](hex: digits)
        precondition(bytes.count == count)
        self.init { bytes[$0] }
    }

    var bytes: [UInt8] { indices.map { self[$0] } }
}

extension SecretBytes {
    convenience init(hex digits: String) { self.init([UInt8](hex: digits)) }

    convenience init(_ bytes: [UInt8]) {
        self.init {
            for index in 0..<32 { $0[index] = bytes[index] }
            return true
        }!
    }

    var bytes: [UInt8] { span.indices.map { span[$0] } }
}

extension PrivateKey {
    init(hex digits: String) { self.init(secret: SecretBytes(hex: digits)) }
}

extension PublicKey {
    init(hex digits: String) { self.init(bytes: KeyBytes(hex: digits)) }
}

extension [UInt8] {
    /// Bytes that anybody can make again.
    static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) } }

    static func counting(from first: UInt8, _ count: Int) -> [UInt8] { (0..<count).map { first &+ UInt8($0) } }

    /// With one bit of one byte turned round.
    func flipped(at index: Int, bit: Int = 0) -> [UInt8] {
        var bytes = self
        bytes[index] ^= 1 << UInt8(bit)
        return bytes
    }
}

/// The seven points of low order that have 32 bytes (RFC 7748, section 6.1), and two that are them after reduction.
let lowOrderPoints = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]

// Expectations cannot hold spans.

extension MessageType {
    init?(of datagram: [UInt8]) { self.init(classifying: datagram.span) }
}

extension Blake2s {
    static func hash(_ first: [UInt8], _ second: [UInt8] = []) -> [UInt8] { hash(first.span, second.span).bytes }
    static func mac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] { mac(key: key.span, message.span).bytes }
    static func hmac(_ key: SecretBytes, _ message: [UInt8], _ last: UInt8? = nil) -> [UInt8] {
        hmac(key: key, message.span, last).bytes
    }
}

extension ReceivedInitiation {
    init?(_ message: [UInt8], local: LocalIdentity) { self.init(message.span, local: local) }
}

extension PendingInitiation {
    func consume(_ response: [UInt8], local: LocalIdentity, presharedKey: PresharedKey? = nil) -> SessionKeys? {
        consume(response: response.span, local: local, presharedKey: presharedKey)
    }
}

extension CookieChecker {
    func hasValidMAC1(_ message: [UInt8]) -> Bool { hasValidMAC1(message.span) }
    func hasValidMAC2(_ message: [UInt8], from source: Endpoint, _ now: Instant) -> Bool {
        hasValidMAC2(message.span, from: source, now)
    }
    mutating func reply(to message: [UInt8], from source: Endpoint, _ now: Instant, _ entropy: Entropy) -> [UInt8] {
        reply(to: message.span, from: source, now, entropy).bytes
    }
}

extension CookieKeeper {
    mutating func consume(_ reply: [UInt8], _ now: Instant) -> Bool { consume(reply: reply.span, now) }
}
