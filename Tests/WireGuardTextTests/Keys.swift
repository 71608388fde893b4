import ByteText
import TestSupport
import WireGuardKeys

/// Keys to write texts with, each of one byte 32 times over.
enum Keys {
    /// The base64 of the keys of 0x11, 0x22, and so on.
    static let base64 = [
        "ERERERERERERERERERERERERERERERERERERERERERE=", "IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=",
        "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=", "REREREREREREREREREREREREREREREREREREREREREQ=",
    ]

    static func hex(_ byte: UInt8) -> String { [UInt8](repeating: byte, count: 32).hex }

    static func publicKey(_ byte: UInt8) -> PublicKey { PublicKey(bytes: KeyBytes(repeating: byte)) }

    static func secret<Key: SecretKey>(_ byte: UInt8, as: Key.Type = Key.self) -> Key {
        let bytes = [UInt8](repeating: byte, count: 32)
        return Key(raw: bytes.span)!
    }

    /// RFC 7748, section 6.1.
    static let alicePrivate = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
    static let alicePrivateBase64 = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
    static let alicePublicBase64 = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
}

extension PublicKey {
    var hex: String { String { appendHex(to: &$0) } }
}

extension SecretKey {
    var hex: String { String { appendHex(to: &$0) } }
}
