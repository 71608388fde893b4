import TestSupport

/// Random flows, mostly as senders send, with every now and then what must not be joined.
struct PacketStreams {
    private var dice: SeededRandom
    private var flows: [InnerPackets] = []

    init(seed: UInt64) {
        dice = SeededRandom(seed)
        for _ in 0...dice.below(4) { flows.append(begin()) }
    }

    /// Packets of all flows mixed.
    mutating func batch(of count: Int) -> [InnerPackets] {
        let calm = dice.once(in: 3) ? 1000 : 10
        return (0..<count).map { _ in next(of: dice.below(flows.count), calm: calm) }
    }

    private mutating func begin() -> InnerPackets {
        var packet = InnerPackets()
        packet.isV4 = dice.once(in: 2)
        packet.isTCP = !dice.once(in: 3)
        // Few addresses, so that flows differ little.
        packet.source = [UInt8](repeating: 10, count: packet.isV4 ? 3 : 15) + [UInt8(dice.below(2))]
        packet.destination = [UInt8](repeating: 9, count: packet.isV4 ? 3 : 15) + [UInt8(dice.below(2))]
        packet.sourcePort = UInt16(dice.below(3))
        packet.fragment = dice.once(in: 3) ? 0 : 0x4000
        packet.identification = UInt16(truncatingIfNeeded: dice.next())
        packet.sequence = UInt32(truncatingIfNeeded: dice.next())
        if packet.isTCP { packet.options = dice.bytes(4 * dice.pick([0, 3, 10])) }
        packet.payload = dice.bytes(1 + dice.below(dice.pick([4, 40, 1400])))
        return packet
    }

    private mutating func next(of flow: Int, calm: Int) -> InnerPackets {
        var packet = flows[flow]
        let size = packet.payload.count
        packet.payload = dice.bytes(dice.once(in: calm) ? dice.below(size + 2) : size)
        if dice.once(in: calm) { disturb(&packet) }
        flows[flow] = packet
        flows[flow].payload = .init(repeating: 0, count: size)
        flows[flow].sequence &+= UInt32(packet.payload.count)
        flows[flow].identification &+= 1
        if !dice.once(in: 8) {
            // For this one packet only.
            flows[flow].flags = 0x10
            (flows[flow].networkOptions, flows[flow].extensions, flows[flow].fragment) = (
                [], [], packet.fragment & 0x4000
            )
            flows[flow].hasChecksum = true
        }
        return packet
    }

    private mutating func disturb(_ packet: inout InnerPackets) {
        switch dice.below(13) {
        case 0: packet.flags |= dice.pick([0x08, 0x01, 0x09])
        case 1: packet.flags = dice.byte()
        case 2: packet.sequence &+= UInt32(dice.below(3))
        case 3: packet.identification &+= UInt16(dice.below(3))
        case 4: packet.service ^= dice.pick([1, 2, 3])
        case 5: packet.acknowledgement &+= 1
        case 6: packet.window ^= 1
        case 7: packet.hopLimit ^= 1
        case 8 where !packet.isV4: packet.flowLabel ^= 1
        case 8: packet.fragment = dice.pick([0, 0x2000, 0x4000, 0x00b9])
        case 9 where !packet.isV4: packet.extensions = [(60, dice.bytes(8))]
        case 9: packet.networkOptions = [1, 1, 1, 0]
        case 10 where packet.isTCP && !packet.options.isEmpty: packet.options[0] ^= 1
        case 11: packet.hasChecksum = packet.isTCP
        default: packet.payload = dice.bytes(1 + dice.below(1400))
        }
    }
}
