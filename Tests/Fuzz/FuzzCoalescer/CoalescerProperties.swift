import FuzzSupport
import Glibc
import LinuxSystem
import TestSupport
import WireGuardEngine
import WireGuardProtocol

/// Whatever is added comes out again when frames are cut apart, in the order of each flow, and nothing else does.
enum CoalescerProperties {
    private static let mostPackets = 80

    static func check(_ input: [UInt8]) {
        var script = PacketScript()
        let packets = script.packets(of: Array(input.prefix(5 * mostPackets))).compactMap(claimed)
        let recorder = Recorder()
        var coalescer = Coalescer(offloads: .all, maxPackets: mostPackets)
        var memory: [UnsafeMutableRawBufferPointer] = []
        for packet in packets {
            let room = UnsafeMutableRawBufferPointer.allocate(
                byteCount: Coalescer.headroom + packet.count, alignment: 1)
            memory.append(room)
            UnsafeMutableRawBufferPointer(rebasing: room[Coalescer.headroom...]).copyBytes(from: packet)
            expect(coalescer.add(room.baseAddress! + Coalescer.headroom, count: packet.count), "there is room")
        }
        let outcome = coalescer.flush(recorder)
        for room in memory { room.deallocate() }
        expect(outcome.written == packets.count && outcome.dropped == 0, "all packets are written: \(outcome)")
        compare(packets, recorder.frames)
    }

    /// As the engine hands packets over: without what is behind their own end.
    private static func claimed(_ bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBytes { InnerPacket($0)?.count }.map { Array(bytes[..<$0]) }
    }

    private static func compare(_ packets: [[UInt8]], _ frames: [[UInt8]]) {
        var arrived: [[UInt8]] = []
        let known = Set(packets)
        for frame in frames {
            guard let segments = NaiveSegmenter.segments(of: frame) else {
                fatalError("does not hold: frames are sound")
            }
            expect(segments.count <= Coalescer.mostSegments, "a frame has \(segments.count) packets")
            if segments.count == 1 { expect(known.contains(segments[0]), "a packet alone stays as it is") }
            arrived += segments
        }
        let sent = Dictionary(grouping: packets.map(comparable), by: flow)
        let received = Dictionary(grouping: arrived.map(comparable), by: flow)
        expect(sent == received, "each flow arrives as it was sent")
    }

    /// Without checksums, which were wrong perhaps and no longer are, and without identification where it means
    /// nothing.
    private static func comparable(_ packet: [UInt8]) -> [UInt8] {
        var packet = NaiveCoalescer.withoutIdentification(packet)
        guard let place = transport(of: packet) else { return packet }
        if packet[0] >> 4 == 4 { packet[10...11] = [0, 0] }
        let checksum = packet[packet[0] >> 4 == 4 ? 9 : 6] == 6 ? place + 16 : place + 6
        if checksum + 2 <= packet.count { packet[checksum...(checksum + 1)] = [0, 0] }
        return packet
    }

    /// Addresses, protocol and ports; only the packet itself where there are no ports.
    private static func flow(of packet: [UInt8]) -> [UInt8] {
        guard let place = transport(of: packet) else { return packet }
        let number = packet[packet[0] >> 4 == 4 ? 9 : 6]
        return [number] + packet[(packet[0] >> 4 == 4 ? 12 : 8)..<min(place + 4, packet.count)]
    }

    /// Where TCP or UDP begins, right behind the IP header.
    private static func transport(of packet: [UInt8]) -> Int? {
        let isV4 = packet[0] >> 4 == 4
        guard [6, 17].contains(packet[isV4 ? 9 : 6]) else { return nil }
        return isV4 ? Int(packet[0] & 15) * 4 : 40
    }
}

/// Keeps what is written.
private final class Recorder: TunWriter {
    private(set) var frames: [[UInt8]] = []

    func write(_ frame: UnsafeRawBufferPointer) { frames.append(Array(frame)) }

    func write(_ pieces: UnsafeBufferPointer<iovec>) {
        frames.append(pieces.flatMap { Array(UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len)) })
    }
}
