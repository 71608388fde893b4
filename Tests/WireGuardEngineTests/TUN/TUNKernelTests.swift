import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardModel

@testable import WireGuardEngine

/// The kernel as a twin: it routes what is written into one TUN device out of another.
@Suite(
    "TUN frames through the kernel",
    .enabled(if: Arena.isPossible && access("/dev/net/tun", R_OK) == 0, "takes root and /dev/net/tun"))
struct TUNKernelTests {
    /// Writes packets to one device, and returns the frames that the other has when its last packet has come.
    private static func route(
        _ packets: [InnerPackets], to offloads: TunOffloads
    ) throws -> (frames: [[UInt8]], outcome: Coalescer.Outcome) {
        let near = try TunDevice(creating: InterfaceName("near"), log: { _ in })
        let far = try TunDevice(creating: InterfaceName("far"), offloads: offloads, log: { _ in })
        try setUp(["near": 1, "far": 2])
        var coalescer = Coalescer(offloads: near.offloads, maxPackets: 512)
        let outcome = coalescer.write(packets.map(\.bytes), to: near.queues[0])
        var frames: [[UInt8]] = []
        var missing = packets.count
        while missing > 0, let frame = try Frames.next(of: far.queues[0]) {
            guard isOurs(frame) else { continue }
            frames.append(frame)
            missing -= segments(of: frame)?.count ?? 1
        }
        return (frames, outcome)
    }

    private static func setUp(_ devices: [String: Int]) throws {
        for (name, number) in devices {
            for command in [
                "address add 10.\(number).0.1/24 dev \(name)", "address add fd0\(number)::1/64 dev \(name) nodad",
                "link set dev \(name) up",
            ] {
                #expect(try run("ip", command.split(separator: " ").map(String.init)).status == 0)
            }
        }
        for setting in [
            "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.rp_filter=0",
            "net.ipv4.conf.near.rp_filter=0",
        ] {
            #expect(try run("sysctl", ["-qw", setting]).status == 0)
        }
    }

    /// What the system says by itself is ICMPv6.
    private static func isOurs(_ frame: [UInt8]) -> Bool { [6, 17].contains(frame[frame[10] >> 4 == 4 ? 19 : 16]) }

    /// From a host behind one device to one behind the other.
    private static func packet(isV4: Bool, isTCP: Bool) -> InnerPackets {
        var packet = InnerPackets()
        (packet.isV4, packet.isTCP) = (isV4, isTCP)
        packet.source = isV4 ? [10, 1, 0, 2] : [0xfd, 1] + .init(repeating: 0, count: 13) + [2]
        packet.destination = isV4 ? [10, 2, 0, 2] : [0xfd, 2] + .init(repeating: 0, count: 13) + [2]
        if isTCP { packet.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8] }
        return packet
    }

    /// Several trains, one of them short of its last bytes, and the shortest tails.
    private static func trains(isV4: Bool, isTCP: Bool) -> [InnerPackets] {
        var next = packet(isV4: isV4, isTCP: isTCP)
        let trains = [
            [Int](repeating: 1300, count: 40) + [1], .init(repeating: 1000, count: 64), [1200, 1200], [8, 8, 8, 3],
            [700],
        ]
        return trains.flatMap { sizes in
            sizes.enumerated().map { index, size in
                var packet = next
                packet.payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ index) }
                if isTCP, index == sizes.count - 1 { packet.flags |= 0x08 }
                if !isTCP { packet.sourcePort = UInt16(sizes.count) }
                next.sequence &+= UInt32(size)
                next.identification &+= 1
                return packet
            }
        }
    }

    /// As they leave the router.
    private static func routed(_ packets: [InnerPackets]) -> [[UInt8]] {
        packets.map { packet in
            var packet = packet
            packet.hopLimit -= 1
            return NaiveCoalescer.withoutIdentification(packet.bytes)
        }
    }

    private static let protocols = [(true, true), (true, false), (false, true), (false, false)]

    @Test("the kernel takes joined frames, and cuts them into the packets that they were", arguments: protocols)
    func kernelCuts(isV4: Bool, isTCP: Bool) async throws {
        try await Arena.run {
            let packets = Self.trains(isV4: isV4, isTCP: isTCP)
            let result = try Self.route(packets, to: .checksum)
            #expect(result.outcome == Coalescer.Outcome(written: packets.count))
            #expect(result.frames.allSatisfy { $0[1] == 0 })
            let arrived = result.frames.flatMap { segments(of: $0) ?? [] }
            #expect(arrived.map(NaiveCoalescer.withoutIdentification) == Self.routed(packets))
        }
    }

    @Test("frames that the kernel passes on whole are cut into the packets that they were", arguments: protocols)
    func segmenterCuts(isV4: Bool, isTCP: Bool) async throws {
        try await Arena.run {
            let packets = Self.trains(isV4: isV4, isTCP: isTCP)
            let result = try Self.route(packets, to: .all)
            #expect(result.outcome == Coalescer.Outcome(written: packets.count))
            #expect(result.frames.count == 5)
            let arrived = result.frames.flatMap { segments(of: $0) ?? [] }
            #expect(arrived.map(NaiveCoalescer.withoutIdentification) == Self.routed(packets))
        }
    }

    @Test("a socket gets each datagram of a joined frame, and no other", arguments: [true, false])
    func datagrams(isV4: Bool) async throws {
        try await Arena.run {
            let device = try TunDevice(creating: InterfaceName("near"), log: { _ in })
            try Self.setUp(["near": 1])
            let receiver = socket(
                isV4 ? AF_INET : AF_INET6, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
            defer { close(receiver) }
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(isV4 ? AF_INET : AF_INET6)
            address.sin6_port = (2000 as in_port_t).bigEndian
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(
                        receiver, $0, socklen_t(isV4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
                    )
                }
            }
            #expect(bound == 0)
            let packets = Self.trains(isV4: isV4, isTCP: false).map { packet in
                var packet = packet
                packet.destination[1] = 1
                packet.destination[packet.destination.count - 1] = 1
                return packet
            }
            var coalescer = Coalescer(offloads: device.offloads, maxPackets: 512)
            var broken = packets.map(\.bytes)
            // One that is alone, and wrong: the system finds out.
            broken[broken.count - 1][60] ^= 1
            #expect(coalescer.write(broken, to: device.queues[0]) == Coalescer.Outcome(written: packets.count))
            for packet in packets.dropLast() { #expect(Self.receive(from: receiver) == packet.payload) }
            #expect(Self.receive(from: receiver) == nil)
        }
    }

    private static func receive(from socket: CInt) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &room, room.count, 0)
        return count < 0 ? nil : Array(room[..<count])
    }
}
