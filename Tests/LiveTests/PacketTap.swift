import Glibc
import TestSupport

/// Captures packets on an interface of a machine, from the IP header on, in both directions. It misses packets that do
/// not fit its buffer; a GSO packet counts as one.
final class PacketTap: Sendable {
    /// The fields of a packet that tests check.
    struct Packet: Equatable {
        /// Bytes, the IP header included.
        let length: Int
        /// Type of service of IPv4, traffic class of IPv6.
        let trafficClass: UInt8
        let isV6: Bool
        /// 6 for TCP, 17 for UDP; extension headers are not followed.
        let protocolNumber: UInt8
        /// At most 40 bytes behind an IP header without options.
        let content: [UInt8]
    }

    private let descriptor: CInt
    /// ETH_P_ALL, in network order.
    private static let everything = UInt16(3).bigEndian

    init(on machine: String, _ interface: String, in laboratory: Laboratory) throws {
        descriptor = try laboratory.network(of: machine).run {
            let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
            let descriptor = try check(socket(AF_PACKET, type, CInt(Self.everything)), "socket")
            // struct sockaddr_ll of linux/if_packet.h, which the Glibc module lacks.
            var name = [UInt8](repeating: 0, count: 20)
            name.withUnsafeMutableBytes { name in
                name.storeBytes(of: UInt16(AF_PACKET), as: UInt16.self)
                name.storeBytes(of: Self.everything, toByteOffset: 2, as: UInt16.self)
                name.storeBytes(of: if_nametoindex(interface), toByteOffset: 4, as: UInt32.self)
            }
            try name.withUnsafeBytes { name in
                let address = name.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                _ = try check(bind(descriptor, address, socklen_t(name.count)), "bind \(interface)")
            }
            return descriptor
        }
        var room: CInt = 64 << 20
        try check(setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, 4), "SO_RCVBUFFORCE")
    }

    deinit { close(descriptor) }

    /// The packets captured since the last call.
    func take() -> [Packet] {
        var packets: [Packet] = []
        var bytes = [UInt8](repeating: 0, count: 80)
        while true {
            // With MSG_TRUNC recv returns the length of the whole packet.
            let length = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_TRUNC))
            }
            guard length > 0 else { return packets }
            if length >= 20, let packet = Packet(Array(bytes.prefix(length)), length: length) { packets.append(packet) }
        }
    }
}

extension PacketTap.Packet {
    fileprivate init?(_ bytes: [UInt8], length: Int) {
        self.length = length
        switch bytes[0] >> 4 {
        case 4:
            (trafficClass, protocolNumber, isV6) = (bytes[1], bytes[9], false)
            content = Array(bytes[20...].prefix(40))
        case 6 where bytes.count >= 40:
            (trafficClass, protocolNumber, isV6) = (bytes[0] << 4 | bytes[1] >> 4, bytes[6], true)
            content = Array(bytes[40...].prefix(40))
        default: return nil
        }
    }

    /// The type of a WireGuard message, its first byte: 1 and 2 are handshakes, 4 is data.
    var messageType: UInt8? { protocolNumber == 17 && content.count > 8 ? content[8] : nil }

    /// Whether it is a data message with an empty packet.
    var isKeepalive: Bool { messageType == 4 && content[4] == 0 && content[5] == 8 + 32 }
}
