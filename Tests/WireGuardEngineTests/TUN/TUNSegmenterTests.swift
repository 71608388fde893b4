import TestSupport
import Testing

@testable import WireGuardEngine

/// What the segmenter makes of a frame; nil for one that it refuses.
func segments(of frame: [UInt8]) -> [[UInt8]]? {
    var frame = frame
    return frame.withUnsafeMutableBytes { frame in
        guard let plan = try? UnsafeSegmentPlan(frame: frame) else { return nil }
        if plan.isWhole {
            plan.finishInPlace()
            return [Array(frame[VirtioNetHeader.size...])]
        }
        return (0..<plan.count).map { index in
            let length = plan.length(of: index)
            var room = [UInt8](repeating: 0xa5, count: length + 1)
            let written = room.withUnsafeMutableBytes { plan.write(index, to: $0.baseAddress!) }
            #expect(written == length)
            #expect(room.popLast() == 0xa5)
            return room
        }
    }
}

@Suite("Segmenter")
struct TUNSegmenterTests {
    private func refusal(_ frame: [UInt8]) -> DropReason? {
        var frame = frame
        return frame.withUnsafeMutableBytes { frame in
            do throws(DropReason) {
                _ = try UnsafeSegmentPlan(frame: frame)
                return nil
            } catch {
                return error
            }
        }
    }

    private static let tcp: InnerPackets = {
        var packet = InnerPackets()
        packet.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
        packet.sequence = 0xffff_fe00
        packet.identification = 0xffff
        packet.flags = 0x99
        packet.payload = (0..<2500).map { UInt8(truncatingIfNeeded: $0 / 3) }
        return packet
    }()

    /// The packets that a sender without offloads would have sent.
    private func sentApart(_ whole: InnerPackets, segmentSize: Int) -> [[UInt8]] {
        let starts = Array(stride(from: 0, to: whole.payload.count, by: segmentSize))
        return starts.enumerated().map { index, start in
            var packet = whole
            packet.payload = Array(whole.payload[start...].prefix(segmentSize))
            packet.identification &+= UInt16(index)
            packet.sequence &+= UInt32(start)
            if start != starts.last { packet.flags &= ~0x09 }
            if index > 0 { packet.flags &= ~0x80 }
            return packet.bytes
        }
    }

    @Test("a TCP packet is cut as its sender would have cut it", arguments: [true, false], [1, 536, 1000, 1250, 2499])
    func tcp(isV4: Bool, segmentSize: Int) {
        var packet = Self.tcp
        packet.isV4 = isV4
        if !isV4 {
            (packet.source, packet.destination) = (.init(repeating: 0xfd, count: 16), .init(repeating: 3, count: 16))
        }
        #expect(
            segments(of: packet.frame(segmentSize: segmentSize, ecn: true))
                == sentApart(packet, segmentSize: segmentSize))
    }

    @Test("a UDP packet is cut into datagrams", arguments: [true, false], [1, 536, 1000, 1250, 2499])
    func udp(isV4: Bool, segmentSize: Int) {
        var packet = Self.tcp
        (packet.isTCP, packet.isV4) = (false, isV4)
        if !isV4 {
            (packet.source, packet.destination) = (.init(repeating: 0xfd, count: 16), .init(repeating: 3, count: 16))
        }
        #expect(segments(of: packet.frame(segmentSize: segmentSize)) == sentApart(packet, segmentSize: segmentSize))
    }

    @Test("what fits into one segment stays whole, flags and all")
    func fits() {
        #expect(segments(of: Self.tcp.frame(segmentSize: 2500)) == [Self.tcp.bytes])
        #expect(segments(of: Self.tcp.frame(segmentSize: 65535)) == [Self.tcp.bytes])
        var empty = Self.tcp
        empty.payload = []
        #expect(segments(of: empty.frame(segmentSize: 1000)) == [empty.bytes])
    }

    @Test("a packet without segmentation is passed on, its checksum completed where that is wanted")
    func whole() {
        var begun = Self.tcp.frame(segmentSize: 1)
        begun[1] = 0
        #expect(segments(of: begun) == [Self.tcp.bytes])
        let finished = [UInt8](repeating: 0, count: 10) + Self.tcp.bytes
        #expect(segments(of: finished) == [Self.tcp.bytes])
        // Whatever it is.
        #expect(segments(of: [UInt8](repeating: 0, count: 30)) == [[UInt8](repeating: 0, count: 20)])
    }

    @Test("a UDP checksum that comes to 0 is sent as 65535", arguments: [false, true])
    func udpChecksumZero(isSegmented: Bool) {
        var packet = Self.tcp
        packet.isTCP = false
        packet.payload = [0, 0, 1, 2, 0, 0]
        let other = sentApart(packet, segmentSize: 4)[0]
        let sum = ~(UInt16(other[26]) << 8 | UInt16(other[27]))
        let missing = ~sum
        packet.payload.replaceSubrange(0..<2, with: [UInt8(missing >> 8), UInt8(truncatingIfNeeded: missing)])
        var frame = packet.frame(segmentSize: 4)
        if !isSegmented {
            packet.payload = Array(packet.payload[..<4])
            frame = packet.frame(segmentSize: 4)
        }
        let first = segments(of: frame)?.first
        #expect(first?[26...27] == [0xff, 0xff])
        #expect(first == sentApart(packet, segmentSize: 4)[0])
    }

    @Test("extension headers go in front of each segment, and the checksum is for the final destination")
    func extensionHeaders() {
        var packet = Self.tcp
        packet.isV4 = false
        (packet.source, packet.destination) = (.init(repeating: 0xfd, count: 16), .init(repeating: 3, count: 16))
        let final = [UInt8](0..<16)
        packet.extensions = [
            (0, [0, 0, 5, 2, 0, 0, 1, 0]), (43, [0, 0, 2, 1, 0, 0, 0, 0] + final), (60, [0, 0, 1, 4, 0, 0, 0, 0]),
        ]
        #expect(segments(of: packet.frame(segmentSize: 700)) == sentApart(packet, segmentSize: 700))
    }

    @Test(
        "the length of the headers that a frame claims is not believed",
        arguments: [0, 20, 53, 1500, 65535] as [UInt16])
    func headerLength(_ claimed: UInt16) {
        var frame = Self.tcp.frame(segmentSize: 1000)
        withUnsafeBytes(of: claimed) { frame.replaceSubrange(2..<4, with: $0) }
        #expect(segments(of: frame) == sentApart(Self.tcp, segmentSize: 1000))
    }

    @Test("a frame of the largest size is cut")
    func largest() {
        var packet = Self.tcp
        packet.payload = [UInt8](repeating: 0xab, count: 65535 - packet.headerLength)
        #expect(segments(of: packet.frame(segmentSize: 1368)) == sentApart(packet, segmentSize: 1368))
    }

    @Test("what contradicts itself is refused")
    func refusals() {
        let good = Self.tcp.frame(segmentSize: 1000)
        #expect(refusal(good) == nil)
        func changed(_ place: Int, _ value: UInt8) -> [UInt8] {
            var frame = good
            frame[place] = value
            return frame
        }
        for count in 0..<30 { #expect(refusal(Array(good[..<count])) == .tooShort) }
        for count in 30..<good.count { #expect(refusal(Array(good[..<count])) != nil, "\(count) bytes") }
        #expect(refusal(changed(0, 0)) == .badSegmentation)
        for kind: UInt8 in [2, 3, 4, 0x80, 0x84, 0x85, 0xff] { #expect(refusal(changed(1, kind)) == .badSegmentation) }
        #expect(refusal(changed(1, 5)) == .badTransport)
        var sizeless = good
        sizeless[4...5] = [0, 0]
        #expect(refusal(sizeless) == .badSegmentation)
        #expect(refusal(changed(7, 0xff)) == .badChecksumPlace)
        #expect(refusal(changed(6, 24)) == .badTransport)
        #expect(refusal(changed(6, 16)) == .badTransport)
        #expect(refusal(changed(8, 6)) == .badChecksumPlace)
        for first: UInt8 in [0x00, 0x55, 0x44] { #expect(refusal(changed(10, first)) != nil) }
        #expect(refusal(changed(10, 0x46)) == .badTransport)
        #expect(refusal(changed(13, 0)) == .badPacket)
        #expect(refusal(changed(16, 0x20)) == .badPacket)
        #expect(refusal(changed(17, 1)) == .badPacket)
        #expect(refusal(changed(19, 17)) == .badTransport)
        #expect(refusal(changed(42, 0x40)) == .badTransport)
        #expect(refusal(good + [0]) == .badPacket)
    }

    @Test("any frame is cut, or refused, as the naive twin does it")
    func twin() {
        var dice = SeededRandom(5)
        var accepted = 0
        for _ in Rounds.usual(4000) {
            var frame = randomFrame(&dice)
            if dice.once(in: 3) {
                frame = dice.mutated(frame, alphabet: [0, 1, 4, 5, 6, 17, 20, 40, 43, 60, 0x45, 0x60])
            }
            if dice.once(in: 3) { frame[dice.below(min(frame.count, 80))] = dice.byte() }
            let result = segments(of: frame)
            #expect(result == NaiveSegmenter.segments(of: frame), "\(frame)")
            if result != nil { accepted += 1 }
        }
        #expect(accepted > 1000)
    }

    private func randomFrame(_ dice: inout SeededRandom) -> [UInt8] {
        var packet = InnerPackets()
        packet.isV4 = dice.once(in: 2)
        packet.isTCP = !dice.once(in: 3)
        (packet.source, packet.destination) = (dice.bytes(packet.isV4 ? 4 : 16), dice.bytes(packet.isV4 ? 4 : 16))
        packet.service = dice.byte()
        packet.identification = UInt16(truncatingIfNeeded: dice.next())
        packet.sequence = UInt32(truncatingIfNeeded: dice.next())
        packet.flags = dice.byte()
        if packet.isV4, dice.once(in: 4) { packet.networkOptions = dice.bytes(4 * dice.below(11)) }
        if packet.isTCP { packet.options = dice.bytes(4 * dice.below(11)) }
        while !packet.isV4, dice.once(in: 4) {
            // Segments left: none.
            let length = 8 + 8 * dice.below(3)
            packet.extensions.append((dice.pick([0, 43, 60]), dice.bytes(3) + [0] + dice.bytes(length - 4)))
        }
        packet.payload = dice.bytes(dice.below(400))
        return packet.frame(segmentSize: 1 + dice.below(300), ecn: dice.once(in: 2) && packet.isTCP)
    }
}
