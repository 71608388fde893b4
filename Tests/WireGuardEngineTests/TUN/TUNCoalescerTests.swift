import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import WireGuardEngine

@Suite("Coalescer")
struct TUNCoalescerTests {
    private static let protocols = [(true, true), (true, false), (false, true), (false, false)]

    private func packet(isV4: Bool = true, isTCP: Bool = true, size: Int = 100) -> InnerPackets {
        var packet = InnerPackets()
        (packet.isV4, packet.isTCP) = (isV4, isTCP)
        if !isV4 {
            (packet.source, packet.destination) = (.init(repeating: 0xfd, count: 16), .init(repeating: 3, count: 16))
        }
        if isTCP { packet.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8] }
        (packet.sequence, packet.identification) = (0xffff_ff80, 0xfffe)
        packet.payload = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        return packet
    }

    /// Packets that follow each other.
    private func train(_ sizes: [Int], isV4: Bool = true, isTCP: Bool = true) -> [InnerPackets] {
        var next = packet(isV4: isV4, isTCP: isTCP)
        return sizes.map { size in
            var packet = next
            packet.payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            next.sequence &+= UInt32(size)
            next.identification &+= 1
            return packet
        }
    }

    private func frames(
        of packets: [InnerPackets], _ offloads: TunOffloads = .all, capacity: Int = 128
    ) -> (frames: [[UInt8]], outcome: Coalescer.Outcome) {
        let recorder = FrameRecorder()
        var coalescer = Coalescer(offloads: offloads, maxPackets: capacity)
        let outcome = coalescer.write(packets.map(\.bytes), to: recorder)
        return (recorder.frames, outcome)
    }

    private func alone(_ packet: InnerPackets) -> [UInt8] { [2] + [UInt8](repeating: 0, count: 9) + packet.bytes }

    /// How many packets each frame holds.
    private func counts(_ packets: [InnerPackets]) -> [Int] {
        frames(of: packets).frames.map { NaiveSegmenter.segments(of: $0)?.count ?? 0 }
    }

    @Test("a train becomes the frame that it could have been cut from", arguments: protocols)
    func train(isV4: Bool, isTCP: Bool) {
        var packets = train([500, 500, 500, 7], isV4: isV4, isTCP: isTCP)
        packets[3].flags |= 0x08
        let result = frames(of: packets)
        var whole = packets[0]
        whole.flags = packets[3].flags
        whole.payload = packets.flatMap(\.payload)
        #expect(result.frames == [whole.frame(segmentSize: 500)])
        #expect(result.outcome == Coalescer.Outcome(written: 4))
    }

    @Test("a packet alone is written as it is, known to be authentic", arguments: protocols)
    func single(isV4: Bool, isTCP: Bool) {
        let packet = packet(isV4: isV4, isTCP: isTCP)
        #expect(frames(of: [packet]).frames == [alone(packet)])
    }

    /// Bits of the second packet's headers that may differ, by byte.
    private func freeBits(isV4: Bool, isTCP: Bool) -> [Int: UInt8] {
        let transport = isV4 ? 20 : 40
        let network: [Int] = isV4 ? [4, 5, 10, 11] : []
        let checksum = isTCP ? [16, 17] : [6, 7]
        var free = Dictionary(uniqueKeysWithValues: (network + checksum.map { transport + $0 }).map { ($0, UInt8.max) })
        if isTCP { free[transport + 13] = 0x09 }
        return free
    }

    @Test(
        "any bit that differs in the headers keeps packets apart, but for those that cutting brings back",
        arguments: protocols)
    func everyBit(isV4: Bool, isTCP: Bool) {
        let packets = train([100, 100], isV4: isV4, isTCP: isTCP).map(\.bytes)
        let headerLength = packet(isV4: isV4, isTCP: isTCP).headerLength
        let free = freeBits(isV4: isV4, isTCP: isTCP)
        for bit in 0..<(headerLength * 8) {
            let (byte, mask) = (bit / 8, UInt8(0x80) >> UInt8(bit % 8))
            var second = packets[1]
            second[byte] ^= mask
            let recorder = FrameRecorder()
            var coalescer = Coalescer(offloads: .all, maxPackets: 2)
            _ = coalescer.write([packets[0], second], to: recorder)
            let isFree = free[byte].map { $0 & mask != 0 } ?? false
            #expect(recorder.frames.count == (isFree ? 1 : 2), "bit \(bit % 8) of byte \(byte)")
        }
    }

    @Test("an acknowledgement that goes back keeps packets apart, as one that goes on does")
    func acknowledgements() {
        for (first, second) in [(5, 4), (4, 5)] as [(UInt32, UInt32)] {
            var packets = train([100, 100])
            packets[0].acknowledgement = first
            packets[1].acknowledgement = second
            #expect(counts(packets) == [1, 1])
        }
    }

    @Test("a short packet ends a frame, and a longer one begins one", arguments: protocols)
    func sizes(isV4: Bool, isTCP: Bool) {
        func counts(_ sizes: [Int]) -> [Int] { self.counts(train(sizes, isV4: isV4, isTCP: isTCP)) }
        #expect(counts([100, 99, 99, 100, 100]) == [2, 1, 2])
        #expect(counts([100, 1, 100]) == [2, 1])
        #expect(counts([1, 1, 1]) == [3])
        #expect(counts([100, 0, 100, 100]) == [1, 1, 2])
        #expect(counts([0, 0]) == [1, 1])
        #expect(counts([99, 100, 100]) == [1, 2])
    }

    @Test("a frame has 64 packets and 65535 bytes at most", arguments: protocols)
    func limits(isV4: Bool, isTCP: Bool) {
        #expect(counts(train(.init(repeating: 10, count: 100), isV4: isV4, isTCP: isTCP)) == [64, 36])
        let most = 65535 - packet(isV4: isV4, isTCP: isTCP).headerLength
        let size = most / 3 + 1
        #expect(counts(train([size, size, most - 2 * size], isV4: isV4, isTCP: isTCP)) == [3])
        #expect(counts(train([size, size, most - 2 * size + 1], isV4: isV4, isTCP: isTCP)) == [2, 1])
    }

    @Test("a packet that ends something ends the frame", arguments: [0x08, 0x01, 0x09] as [UInt8])
    func ends(_ flags: UInt8) {
        var packets = train([100, 100, 100, 100, 100])
        packets[1].flags |= flags
        #expect(counts(packets) == [2, 3])
        packets[0].flags |= flags
        #expect(counts(packets) == [1, 1, 3])
    }

    @Test(
        "a packet that says what only one may say stays alone",
        arguments: [0x00, 0x02, 0x12, 0x04, 0x14, 0x30, 0x90, 0xd0] as [UInt8])
    func loners(_ flags: UInt8) {
        let packets = train([100, 100, 100]).map { packet in
            var packet = packet
            packet.flags = flags
            return packet
        }
        #expect(counts(packets) == [1, 1, 1])
    }

    @Test("UDP without a checksum stays without")
    func noChecksum() {
        var packets = train([100, 100, 100, 100], isTCP: false)
        packets[1].hasChecksum = false
        #expect(counts(packets) == [1, 1, 2])
        for index in packets.indices { packets[index].hasChecksum = false }
        #expect(frames(of: packets).frames == packets.map(alone))
    }

    @Test("packets that may be fragmented are joined only where their identifications count up")
    func identifications() {
        var packets = train([100, 100, 100, 100])
        for index in packets.indices { packets[index].fragment = 0 }
        #expect(counts(packets) == [4])
        packets[2].identification &+= 1
        #expect(counts(packets) == [2, 1, 1])
    }

    @Test("a fragment is not passed by packets of its flow, and is never joined")
    func fragments() {
        var packets = train([100, 100, 100, 100, 100])
        packets[2].fragment = 0x2000
        #expect(counts(packets) == [2, 1, 2])
        var other = packet(isV4: false)
        other.extensions = [(60, [0, 0, 1, 4, 0, 0, 0, 0])]
        let train6 = train([100, 100], isV4: false)
        #expect(counts([train6[0], other, train6[1]]) == [1, 1, 1])
    }

    @Test("flows that alternate each get a frame, and other protocols stay between them")
    func interleaved() {
        let flows = (0..<4).map { flow in
            train(.init(repeating: 100, count: 10), isV4: flow < 2, isTCP: flow % 2 == 0).map { packet in
                var packet = packet
                packet.sourcePort &+= UInt16(flow)
                return packet
            }
        }
        let packets = (0..<10).flatMap { index in flows.map { $0[index] } }
        #expect(counts(packets) == [10, 10, 10, 10])
        let ping = [UInt8](repeating: 0, count: 9) + [1] + [UInt8](repeating: 0, count: 18)
        let recorder = FrameRecorder()
        var coalescer = Coalescer(offloads: .all, maxPackets: 10)
        let bytes = flows[0].map(\.bytes)
        _ = coalescer.write([bytes[0], [0x45] + ping.dropFirst(), bytes[1]], to: recorder)
        #expect(recorder.frames.map(\.count) == [bytes[0].count + 110, 38])
    }

    @Test("without an offload nothing is joined")
    func offloads() {
        let tcp = train([100, 100])
        let udp = train([100, 100], isTCP: false)
        #expect(frames(of: tcp + udp, [.checksum, .tcp]).frames.map { $0[1] } == [1, 0, 0])
        #expect(frames(of: tcp + udp, [.checksum, .udp]).frames.map { $0[1] } == [0, 0, 5])
        #expect(frames(of: tcp + udp, []).frames == (tcp + udp).map(alone))
    }

    @Test("what finds no room is told, and what was added is written")
    func full() {
        let packets = train([100, 100, 100])
        #expect(frames(of: packets, capacity: 2).outcome == Coalescer.Outcome(written: 2))
        #expect(frames(of: [], capacity: 2).outcome == Coalescer.Outcome())
    }

    @Test("after a flush all begins anew")
    func flushed() {
        let recorder = FrameRecorder()
        var coalescer = Coalescer(offloads: .all, maxPackets: 2)
        let packets = train([100, 100, 100, 100]).map(\.bytes)
        for pair in [packets[..<2], packets[2...]] {
            #expect(coalescer.write(Array(pair), to: recorder) == Coalescer.Outcome(written: 2))
            let isEmpty = coalescer.isEmpty
            #expect(isEmpty)
        }
        #expect(recorder.frames.map { NaiveSegmenter.segments(of: $0)?.count } == [2, 2])
    }

    @Test(
        "a frame that the kernel refuses is written packet by packet, and no other is joined", arguments: protocols,
        [EINVAL, EMSGSIZE])
    func refused(kind: (Bool, Bool), code: CInt) {
        let recorder = FrameRecorder { $0[1] == 0 ? nil : code }
        var coalescer = Coalescer(offloads: .all, maxPackets: 10)
        var packets = train([100, 100, 1], isV4: kind.0, isTCP: kind.1)
        packets[2].flags |= 0x09
        let refused: TunOffloads = kind.1 ? .tcp : .udp
        #expect(coalescer.write(packets.map(\.bytes), to: recorder) == Coalescer.Outcome(written: 3, refused: refused))
        #expect(recorder.frames == packets.map(alone))
        let offloads = coalescer.offloads
        #expect(offloads == TunOffloads.all.subtracting(refused))
        #expect(coalescer.write(packets.map(\.bytes), to: recorder) == Coalescer.Outcome(written: 3))
        #expect(recorder.frames == (packets + packets).map(alone))
    }

    @Test("packets that are refused one by one as well do not cost the offload")
    func refusedForThemselves() {
        let recorder = FrameRecorder { $0.suffix(3) == [7, 7, 7] ? EINVAL : nil }
        var coalescer = Coalescer(offloads: .all, maxPackets: 10)
        var packets = train([100, 100])
        packets[1].payload = .init(repeating: 7, count: 100)
        #expect(coalescer.write(packets.map(\.bytes), to: recorder) == Coalescer.Outcome(written: 1, dropped: 1))
        let offloads = coalescer.offloads
        #expect(offloads == .all)
    }

    @Test("while the interface is down all is dropped", arguments: [EIO, EBADFD, ENOMEM, EAGAIN])
    func down(_ code: CInt) {
        let recorder = FrameRecorder { _ in code }
        var coalescer = Coalescer(offloads: .all, maxPackets: 10)
        let packets = train([100, 100]) + train([100], isTCP: false)
        #expect(coalescer.write(packets.map(\.bytes), to: recorder) == Coalescer.Outcome(dropped: 3))
        let offloads = coalescer.offloads
        #expect(offloads == .all)
    }
}
