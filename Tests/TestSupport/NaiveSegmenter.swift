/// What a frame of a TUN queue stands for, byte by byte from the texts: virtio 1.2 section 5.1.6, RFC 791, 8200,
/// 9293, 768, 3168.
package enum NaiveSegmenter {
    /// Nil for a frame that contradicts itself.
    package static func segments(of frame: [UInt8]) -> [[UInt8]]? {
        guard frame.count >= 30 else { return nil }
        let packet = Array(frame[10...])
        let start = host(frame, 6)
        let offset = host(frame, 8)
        let size = host(frame, 4)
        let needsChecksum = frame[0] & 1 != 0
        if needsChecksum, start + offset + 2 > packet.count { return nil }
        if frame[1] == 0 { return [needsChecksum ? completed(packet, start, offset) : packet] }
        guard needsChecksum, size > 0, let isTCP = isTCP(packet, frame[1]), place(of: packet, isTCP) == start,
            offset == (isTCP ? 16 : 6), packet.count >= start + (isTCP ? 20 : 8)
        else { return nil }
        let header = start + (isTCP ? Int(packet[start + 12] >> 4) * 4 : 8)
        if isTCP, header < start + 20 || header > packet.count { return nil }
        if !isTCP, big(packet, start + 4) != packet.count - start { return nil }
        let pieces = stride(from: header, to: packet.count, by: size).map { packet[$0..<min($0 + size, packet.count)] }
        if pieces.count < 2 { return [completed(packet, start, offset)] }
        return pieces.enumerated().map { index, piece in
            var segment = packet[..<header] + piece
            setNetwork(&segment, index)
            if isTCP { setTCP(&segment, start, index, piece.startIndex - header, isLast: index == pieces.count - 1) }
            if !isTCP { put(segment.count - start, into: &segment, start + 4) }
            return withChecksum(Array(segment), packet, start, isTCP)
        }
    }

    private static func isTCP(_ packet: [UInt8], _ segmentation: UInt8) -> Bool? {
        switch (segmentation, packet[0] >> 4) {
        case (5, 4), (5, 6): false
        case (1, 4), (0x81, 4), (4, 6), (0x84, 6): true
        default: nil
        }
    }

    /// Where the transport header is.
    private static func place(of packet: [UInt8], _ isTCP: Bool) -> Int? {
        let wanted: UInt8 = isTCP ? 6 : 17
        if packet[0] >> 4 == 4 {
            let isFragment = packet[6] & 0x3f != 0 || packet[7] != 0
            guard packet[0] & 15 >= 5, big(packet, 2) == packet.count, !isFragment, packet[9] == wanted else {
                return nil
            }
            return Int(packet[0] & 15) * 4
        }
        guard packet.count >= 40, big(packet, 4) == packet.count - 40 else { return nil }
        var next = packet[6]
        var place = 40
        while [0, 43, 60].contains(next) {
            guard place + 2 <= packet.count else { return nil }
            (next, place) = (packet[place], place + 8 + 8 * Int(packet[place + 1]))
        }
        return next == wanted ? place : nil
    }

    private static func completed(_ packet: [UInt8], _ start: Int, _ offset: Int) -> [UInt8] {
        var packet = packet
        let checksum = ~NaiveChecksum.sum(Array(packet[start...]))
        put(checksum == 0 ? 0xffff : Int(checksum), into: &packet, start + offset)
        return packet
    }

    private static func setNetwork(_ segment: inout ArraySlice<UInt8>, _ index: Int) {
        guard segment[0] >> 4 == 4 else { return put(segment.count - 40, into: &segment, 4) }
        put(segment.count, into: &segment, 2)
        put(big(Array(segment), 4) + index, into: &segment, 4)
        put(0, into: &segment, 10)
        put(Int(~NaiveChecksum.sum(Array(segment[..<(Int(segment[0] & 15) * 4)]))), into: &segment, 10)
    }

    private static func setTCP(
        _ segment: inout ArraySlice<UInt8>, _ start: Int, _ index: Int, _ offset: Int, isLast: Bool
    ) {
        let sequence = big(Array(segment), start + 4) << 16 + big(Array(segment), start + 6) + offset
        put(sequence >> 16, into: &segment, start + 4)
        put(sequence, into: &segment, start + 6)
        if !isLast { segment[start + 13] &= ~0x09 }
        if index > 0 { segment[start + 13] &= ~0x80 }
    }

    /// What the frame said was the sum of the pseudo header is that of a segment, but for its length.
    private static func withChecksum(_ segment: [UInt8], _ packet: [UInt8], _ start: Int, _ isTCP: Bool) -> [UInt8] {
        var segment = segment
        let place = start + (isTCP ? 16 : 6)
        let pseudo = big(packet, place) + 0xffff - (packet.count - start) + (segment.count - start)
        put(0, into: &segment, place)
        var sum = pseudo + Int(NaiveChecksum.sum(Array(segment[start...])))
        while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
        put(!isTCP && sum == 0xffff ? 0xffff : ~sum, into: &segment, place)
        return segment
    }

    private static func host(_ bytes: [UInt8], _ place: Int) -> Int {
        Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt16.self) })
    }

    private static func big(_ bytes: [UInt8], _ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    private static func put<Bytes: MutableCollection<UInt8>>(_ number: Int, into bytes: inout Bytes, _ place: Int)
    where Bytes.Index == Int {
        bytes[place] = UInt8(truncatingIfNeeded: number >> 8)
        bytes[place + 1] = UInt8(truncatingIfNeeded: number)
    }
}
