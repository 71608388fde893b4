import TestSupport
import WireGuardKeys
import WireGuardProtocol

/// 32 bytes that a daemon knows, and for which its memory is searched.
struct Secret: Sendable {
    let name: String
    private let bytes: [UInt8]

    init(_ name: String, _ secret: SecretBytes) {
        self.name = name
        bytes = secret.span.indices.map { secret.span[$0] }
    }

    /// The places of each quarter of the key, as a register may have left it.
    func places(in image: MemoryImage) -> [String] {
        stride(from: 0, to: 32, by: 8).flatMap { start in
            image.places(of: Array(bytes[start..<start + 8])).map { "\(name)[\(start)..<\(start + 8)] in \($0)" }
        }
    }

    /// The places of parts of the key in hex and base64.
    func textPlaces(in image: MemoryImage) -> [String] {
        let hex = bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        let texts = [hex, Array(base64.dropLast(2)).map(String.init).joined()]
        return texts.flatMap { text -> [String] in
            let characters = Array(text.utf8)
            return stride(from: 0, through: characters.count - 12, by: 12).flatMap { start in
                image.places(of: Array(characters[start..<start + 12])).map { "\(name) as text in \($0)" }
            }
        }
    }

    private var base64: String { PrivateKey(raw: bytes.span)!.base64Text }
}

extension [Secret] {
    func places(in image: MemoryImage) -> [String] { flatMap { $0.places(in: image) } }

    func textPlaces(in image: MemoryImage) -> [String] { flatMap { $0.textPlaces(in: image) } }
}

/// All shared secrets of one handshake (the paper's section 5.4), without the ephemeral private keys.
struct HandshakeSecrets: Sendable {
    /// The sending keys of the initiator and the responder.
    let sessionKeys: [Secret]
    /// Key exchanges, chaining keys and message keys.
    let transient: [Secret]

    init(
        initiator: PublicKey, responder: PublicKey, es: SecretBytes, ss: SecretBytes, ee: SecretBytes,
        se: SecretBytes, presharedKey: PresharedKey
    ) {
        var transient = [Secret("es", es), Secret("ee", ee), Secret("se", se)]
        func note(_ chainingKey: SecretBytes, _ key: SecretBytes, after token: String) {
            transient += [
                Secret("the chaining key after \(token)", chainingKey), Secret("the key after \(token)", key),
            ]
        }
        let construction = Array("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".utf8)
        let hash = Blake2s.hash(construction.span)
        var chainingKey = SecretBytes {
            $0 = hash
            return true
        }!
        var key: SecretBytes
        chainingKey = KeyDerivation.one(chainingKey, initiator.bytes.span)
        (chainingKey, key) = KeyDerivation.two(chainingKey, es.span)
        note(chainingKey, key, after: "es")
        (chainingKey, key) = KeyDerivation.two(chainingKey, ss.span)
        note(chainingKey, key, after: "ss")
        chainingKey = KeyDerivation.one(chainingKey, responder.bytes.span)
        transient.append(Secret("the chaining key after e", chainingKey))
        (chainingKey, key) = KeyDerivation.two(chainingKey, ee.span)
        note(chainingKey, key, after: "ee")
        (chainingKey, key) = KeyDerivation.two(chainingKey, se.span)
        note(chainingKey, key, after: "se")
        let last = KeyDerivation.three(chainingKey, presharedKey.secret.span)
        note(last.0, last.2, after: "psk")
        let keys = KeyDerivation.two(last.0, Span())
        sessionKeys = [Secret("the initiator's key", keys.0), Secret("the responder's key", keys.1)]
        self.transient = transient
    }
}
