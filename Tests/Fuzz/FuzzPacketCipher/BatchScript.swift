import WireGuardKeys

/// A batch that six bytes of input for each packet describe: two of its size, one of places, one of the counter, two of
/// the bit that is forged.
struct BatchScript {
    struct Packet {
        let size: Int
        let counter: UInt64
        /// Bytes in front of it, so that nothing is aligned.
        let gap: Int
        let isInPlace: Bool
        let forgedBit: Int?
    }

    let key: KeyBytes
    private(set) var packets: [Packet] = []

    private static let mostPackets = 100

    init(_ input: [UInt8]) {
        let seed = input.first ?? 0
        key = KeyBytes { UInt8(truncatingIfNeeded: $0) &* seed }
        var rest = input.dropFirst()
        while rest.count >= 6, packets.count < Self.mostPackets {
            packets.append(Packet(Array(rest.prefix(6))))
            rest = rest.dropFirst(6)
        }
    }
}

extension BatchScript.Packet {
    fileprivate init(_ bytes: [UInt8]) {
        func number(_ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
        // Long packets are rare: all of 16 bits only if the first byte says so.
        size = bytes[0] == 0xff ? number(0) : number(0) % 1600
        gap = Int(bytes[2] & 0x7f)
        isInPlace = bytes[2] & 0x80 != 0
        counter = UInt64(bytes[3]) << UInt64(bytes[3] & 0x3f) &- 1
        forgedBit = number(4) == 0 ? nil : number(4) % ((size + 16) * 8)
    }
}
