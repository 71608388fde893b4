import TestSupport
import Testing
import WireGuardProtocol

@Suite("Messages")
struct MessagesTests {
    /// What the paper's section 5.4 allows, written as a table.
    private func classified(_ datagram: [UInt8]) -> MessageType? {
        guard datagram.count >= 4, datagram[1...3].allSatisfy({ $0 == 0 }) else { return nil }
        switch (datagram[0], datagram.count) {
        case (1, 148): return .initiation
        case (2, 92): return .response
        case (3, 64): return .cookieReply
        case (4, 32...): return .data
        default: return nil
        }
    }

    @Test("are told apart by type and length, whatever else they hold")
    func classification() {
        var dice = SeededRandom(1)
        for count in 0...200 {
            for type in 0...255 {
                var datagram = dice.bytes(count)
                let header: [UInt8] = [UInt8(type), 0, 0, 0]
                datagram.replaceSubrange(..<min(4, count), with: header.prefix(count))
                #expect(MessageType(of: datagram) == classified(datagram))
                let raw = datagram.withUnsafeBytes { MessageType(classifying: $0) }
                #expect(raw == classified(datagram))
            }
        }
        let large = [4, 0, 0, 0] + [UInt8](repeating: 1, count: 65_500)
        #expect(MessageType(of: large) == .data)
    }

    @Test("have reserved bytes of zero")
    func reservedBytes() {
        for (type, count) in [(1, 148), (2, 92), (3, 64), (4, 32), (4, 1_000)] as [(UInt8, Int)] {
            let datagram = [type] + [UInt8](repeating: 0, count: count - 1)
            #expect(MessageType(of: datagram)?.rawValue == type)
            for bit in 8..<32 {
                let changed = datagram.flipped(at: bit / 8, bit: bit % 8)
                #expect(MessageType(of: changed) == nil)
            }
        }
    }

    @Test("the header of data is written as the paper says")
    func dataHeader() {
        let header = DataHeader(receiverIndex: 0x0102_0304, counter: 0x1112_1314_1516_1718)
        var bytes = [UInt8](repeating: 0xff, count: 17)
        bytes.withUnsafeMutableBytes { header.write(to: $0.baseAddress!) }
        #expect(
            bytes == [
                4, 0, 0, 0,  // type, reserved
                4, 3, 2, 1,  // receiver
                0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,  // counter
                0xff,
            ])
        let read = bytes.withUnsafeBytes { DataHeader(reading: $0.baseAddress!) }
        #expect(read == header)
        #expect(MessageSize.data(content: 1_440) == 16 + 1_440 + 16)
    }

    @Test("the header of data needs no alignment")
    func unalignedHeader() {
        let header = DataHeader(receiverIndex: 7, counter: 9)
        var bytes = [UInt8](repeating: 0, count: 32)
        for offset in 0..<16 {
            let read = bytes.withUnsafeMutableBytes { room in
                header.write(to: room.baseAddress! + offset)
                return DataHeader(reading: room.baseAddress! + offset)
            }
            #expect(read == header)
        }
    }

    @Test("indices are little-endian, each in its place")
    func indices() {
        let message = (0..<148).map { UInt8($0) }
        let senders = (Initiation.senderIndex(message.span), Response.senderIndex(message.span))
        #expect(senders == (0x0706_0504, 0x0706_0504))
        let receivers = (Response.receiverIndex(message.span), CookieReply.receiverIndex(message.span))
        #expect(receivers == (0x0b0a_0908, 0x0706_0504))
    }
}
