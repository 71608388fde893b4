/// Which packets of a batch may become one frame: those of a flow that follow each other and are alike in all that
/// cutting them apart again could not bring back.
package enum NaiveCoalescer {
    /// In the order in which frames are written; packets of a group in theirs.
    package static func groups(of packets: [InnerPackets], joinsTCP: Bool = true, joinsUDP: Bool = true)
        -> [[InnerPackets]]
    {
        var groups: [[InnerPackets]] = []
        var newest: [[UInt8]: Int] = [:]
        for packet in packets {
            guard let flow = flow(of: packet) else {
                newest = [:]
                groups.append([packet])
                continue
            }
            let isJoined = packet.isTCP ? joinsTCP : joinsUDP
            if isJoined, let group = newest[flow], takes(packet, groups[group]) {
                groups[group].append(packet)
            } else {
                newest[flow] = groups.count
                groups.append([packet])
            }
        }
        return groups
    }

    /// Nil where it cannot be told.
    private static func flow(of packet: InnerPackets) -> [UInt8]? {
        guard packet.networkOptions.isEmpty, packet.extensions.isEmpty, packet.fragment & 0x4000 == packet.fragment
        else { return nil }
        let ports = [packet.sourcePort, packet.destinationPort].flatMap {
            [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)]
        }
        return [packet.isTCP ? 6 : 17] + packet.source + packet.destination + ports
    }

    private static func takes(_ packet: InnerPackets, _ group: [InnerPackets]) -> Bool {
        let leader = group[0]
        let size = leader.payload.count
        let payload = group.reduce(0) { $0 + $1.payload.count }
        guard alike(packet) == alike(leader), !packet.payload.isEmpty, packet.payload.count <= size,
            group.count < 64, leader.headerLength + payload + packet.payload.count <= 65535,
            // Whatever came last was no last one.
            group.allSatisfy({ $0.payload.count == size && !($0.isTCP && $0.flags & 0x09 != 0) })
        else { return false }
        if packet.isV4, packet.fragment == 0 {
            guard packet.identification == leader.identification &+ UInt16(group.count) else { return false }
        }
        guard packet.isTCP else { return packet.hasChecksum }
        return packet.sequence == leader.sequence &+ UInt32(payload) && leader.flags & ~0x40 == 0x10
    }

    /// What has to be alike.
    private static func alike(_ packet: InnerPackets) -> InnerPackets {
        var packet = packet
        (packet.payload, packet.identification, packet.sequence) = ([], 0, 0)
        if packet.isTCP { packet.flags &= ~0x09 }
        return packet
    }

    /// A packet without its identification where that means nothing, since it must not be fragmented (RFC 6864,
    /// section 4.1).
    package static func withoutIdentification(_ packet: [UInt8]) -> [UInt8] {
        guard packet[0] >> 4 == 4, packet[6] & 0x40 != 0 else { return packet }
        var packet = packet
        for place in [4, 5, 10, 11] { packet[place] = 0 }
        return packet
    }
}
