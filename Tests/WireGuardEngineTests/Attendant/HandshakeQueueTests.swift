import ByteText
import Testing
import WireGuardModel
import WireGuardProtocol

@testable import WireGuardEngine

@Suite("Handshake messages that wait")
struct HandshakeQueueTests {
    private let queue = HandshakeQueue()
    private let path = Path(to: Endpoint(address: IPAddress(v4: 1), port: 2))

    @Test("the first one wakes the reader, and those behind it do not")
    func wakesOnce() {
        var messages: [ReceivedHandshake] = []
        #expect(queue.isEmpty)
        #expect(queue.add(message(1)))
        #expect(!queue.add(message(2)))
        #expect(!queue.isEmpty)
        queue.take(into: &messages)
        #expect(messages.map(number) == [1, 2])
        #expect(queue.isEmpty)
        #expect(queue.add(message(3)))
    }

    @Test("those with a cookie come first, and a flood without cookies leaves them their room")
    func proven() {
        for number in 0..<(HandshakeQueue.capacity + 500) { _ = queue.add(message(UInt8(number % 100))) }
        for number in 200..<205 { _ = queue.add(message(UInt8(number), hasCookie: true)) }
        var messages: [ReceivedHandshake] = []
        queue.take(into: &messages)
        #expect(messages.count == HandshakeQueue.capacity + 5)
        #expect(messages.prefix(5).map(number) == Array(200..<205))
        #expect(messages[5...].map(number) == (0..<HandshakeQueue.capacity).map { UInt8($0 % 100) })
    }

    @Test("bytes, length and path stay as they came", arguments: [64, 92, 148])
    func content(_ count: Int) {
        let bytes = (0..<count).map { UInt8($0) }
        let received = bytes.withUnsafeBytes { ReceivedHandshake($0, by: path) }
        #expect(received.withMessage { [UInt8](copying: $0) } == bytes)
        #expect(received.path == path)
        #expect(received.claimsCookie)
    }

    private func message(_ number: UInt8, hasCookie: Bool = false) -> ReceivedHandshake {
        var bytes = [UInt8](repeating: 0, count: 148)
        bytes[4] = number
        if hasCookie { bytes[140] = 1 }
        return bytes.withUnsafeBytes { ReceivedHandshake($0, by: path) }
    }

    private func number(_ message: ReceivedHandshake) -> UInt8 { message.withMessage { $0[4] } }
}
