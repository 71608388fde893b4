import ByteText
import TestSupport
import WireGuardKeys

extension PublicKey {
    var raw: [UInt8] { (0..<32).map { bytes[$0] } }
}

extension SecretKey {
    var raw: [UInt8] {
        var buffer = ByteBuffer()
        appendRaw(to: &buffer)
        return Array(copying: buffer.span)
    }
}

extension SeededRandom {
    static func key(_ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed)
        return random.bytes(32)
    }
}
