import TestSupport

/// Packets told by five bytes each: the flow and what is special, the size of the payload, how far the sequence
/// jumps, and which byte of the headers is changed by how much, checksums notwithstanding.
struct PacketScript {
    private var flows: [InnerPackets] = (0..<8).map { number in
        var packet = InnerPackets()
        packet.isV4 = number & 1 == 0
        packet.isTCP = number & 2 == 0
        if !packet.isV4 {
            (packet.source, packet.destination) = (.init(repeating: 10, count: 16), .init(repeating: 9, count: 16))
        }
        packet.sourcePort = UInt16(number & 4)
        packet.fragment = number & 4 == 0 ? 0x4000 : 0
        packet.sequence = .max - 1000
        packet.identification = .max - 10
        if number & 4 == 0, packet.isTCP { packet.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8] }
        return packet
    }

    mutating func packets(of script: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: script.count - 4, by: 5).map { next(script[$0..<($0 + 5)].map { $0 }) }
    }

    private mutating func next(_ words: [UInt8]) -> [UInt8] {
        let flow = Int(words[0] & 7)
        var packet = flows[flow]
        let size = Int(words[1]) * (words[0] & 8 == 0 ? 1 : 16)
        packet.payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 5 &+ Int(words[1])) }
        packet.sequence &+= UInt32(words[2])
        if packet.isTCP { packet.flags = 0x10 | words[0] >> 4 & 0x09 }
        flows[flow].sequence = packet.sequence &+ UInt32(size)
        flows[flow].identification &+= 1
        var bytes = packet.bytes
        bytes[Int(words[3]) % bytes.count] ^= words[4]
        return bytes
    }
}
