/// A made-up interface with many peers, the same ones in every run.
struct Fleet {
    let peers: Int

    /// What its daemon answers to `get=1`.
    var answer: [UInt8] { answer(drifted: false) }

    /// The same, some time later: one peer of a hundred has left, changed, or another key.
    var driftedAnswer: [UInt8] { answer(drifted: true) }

    private func answer(drifted: Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(peers * 480)
        var random = SeededRandom(seed: 0)
        text += "private_key=\(random.key)\nlisten_port=51820\n".utf8
        for number in 1...peers {
            var peer = FleetPeer(number: number)
            if drifted, number % 100 == 0, !peer.drift(number / 100 % 3) { continue }
            peer.append(to: &text)
        }
        text += "errno=0\n\n".utf8
        return text
    }
}

private struct FleetPeer {
    private let number: Int
    private var random: SeededRandom
    private var keepalive = 25

    init(number: Int) {
        self.number = number
        random = SeededRandom(seed: UInt64(number))
    }

    /// False for a peer that is gone.
    mutating func drift(_ way: Int) -> Bool {
        switch way {
        case 0: return false
        case 1: keepalive = 21
        default: random = SeededRandom(seed: ~UInt64(number))
        }
        return true
    }

    mutating func append(to text: inout [UInt8]) {
        let zeros = String(repeating: "0", count: 64)
        let (high, low) = (number >> 16, number & 0xffff)
        text += "public_key=\(random.key)\n".utf8
        text += "preshared_key=\(number % 10 == 0 ? random.key : zeros)\n".utf8
        text += "protocol_version=1\nendpoint=\(endpoint)\n".utf8
        text += "last_handshake_time_sec=\(1_790_000_000 + random.next() % 1_000_000)\n".utf8
        text += "last_handshake_time_nsec=\(random.next() % 1_000_000_000)\n".utf8
        text += "tx_bytes=\(random.next() >> 24)\nrx_bytes=\(random.next() >> 24)\n".utf8
        text += "persistent_keepalive_interval=\(keepalive)\n".utf8
        text += "allowed_ip=10.\(high).\(low >> 8).\(low & 255)/32\n".utf8
        text += "allowed_ip=fd00:\(hex(high))::\(hex(low))/128\n".utf8
    }

    private var endpoint: String {
        mutating get {
            let (address, port) = (random.next(), 1024 + random.next() % 60000)
            return number % 8 == 0
                ? "[2001:db8::\(hex(Int(address & 0xffff))):\(hex(number))]:\(port)"
                : "\(1 + address % 220).\(address >> 8 & 255).\(address >> 16 & 255).\(address >> 24 & 255):\(port)"
        }
    }

    private func hex(_ number: Int) -> String { String(number & 0xffff, radix: 16) }
}

/// splitmix64, by its author's constants.
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// 32 bytes in hex.
    var key: String {
        mutating get {
            (0..<4).map { _ in
                let digits = String(next(), radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
        }
    }
}
