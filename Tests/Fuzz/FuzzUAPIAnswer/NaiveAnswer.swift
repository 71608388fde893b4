import FuzzSupport

/// A daemon's answers read in the plainest way.
enum NaiveAnswer {
    /// The number behind the last `errno=`; nil where the answer to `get=1` breaks the protocol.
    static func errorCode(ofGet lines: [[UInt8]]) -> UInt64? {
        guard let end = lines.firstIndex(of: []) else { return nil }
        var code: UInt64?
        var isPeer = false
        for line in lines[..<end] {
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !line.contains(0) else { return nil }
            let (key, value) = (Naive.text(Array(parts[0])), Array(parts[1]))
            guard isGood(key, value, ofPeer: isPeer) else { return nil }
            if key == "errno" { code = Naive.number(value, upTo: .max) }
            if key == "public_key" { isPeer = true }
        }
        return code
    }

    private static func isGood(_ key: String, _ value: [UInt8], ofPeer isPeer: Bool) -> Bool {
        func isNumber(upTo largest: UInt64) -> Bool { Naive.number(value, upTo: largest) != nil }
        switch (key, isPeer) {
        case ("errno", _): return isNumber(upTo: 0x7fff_ffff)
        case ("public_key", _), ("private_key", false), ("preshared_key", true): return isHexKey(value)
        case ("listen_port", false), ("persistent_keepalive_interval", true): return isNumber(upTo: 0xffff)
        case ("fwmark", false): return isNumber(upTo: 0xffff_ffff)
        case ("endpoint", true): return (try? Naive.endpoint(value)) != nil
        case ("allowed_ip", true): return isAllowedIP(value)
        case ("last_handshake_time_sec", true), ("last_handshake_time_nsec", true):
            return isNumber(upTo: 0x7fff_ffff_ffff_ffff)
        case ("rx_bytes", true), ("tx_bytes", true):
            return !value.isEmpty && value.allSatisfy { 0x30...0x39 ~= $0 }
        default: return true
        }
    }

    private static func isHexKey(_ value: [UInt8]) -> Bool {
        value.count == 64 && value.allSatisfy { $0 < 0x80 && Character(UnicodeScalar($0)).isHexDigit }
    }

    /// The length counts modulo 256.
    private static func isAllowedIP(_ value: [UInt8]) -> Bool {
        let parts = value.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Naive.address(Array(parts[0])),
            let length = Naive.number(Array(parts[1]), upTo: .max)
        else { return false }
        return length % 256 <= address.bits
    }

    /// What follows the last `errno=`, a number with or without a sign; nil where the answer to `set=1` breaks
    /// the protocol or has none.
    static func status(ofSet lines: [[UInt8]]) -> Int64? {
        guard let end = lines.firstIndex(of: []) else { return nil }
        guard lines[..<end].allSatisfy({ $0.contains(UInt8(ascii: "=")) && !$0.contains(0) }) else { return nil }
        var status: Int64?
        for line in lines[..<end] where line.starts(with: Array("errno=".utf8)) {
            let value = Array(line.dropFirst(6))
            let isNegative = value.first == UInt8(ascii: "-")
            let digits = isNegative ? Array(value.dropFirst()) : value
            guard let number = Naive.number(digits, upTo: isNegative ? 0x8000_0000 : 0x7fff_ffff) else { return nil }
            status = Int64(number) * (isNegative ? -1 : 1)
        }
        return status
    }
}
