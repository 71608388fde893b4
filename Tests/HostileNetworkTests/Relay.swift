import Glibc
import Synchronization
import TestSupport

/// Somebody between two sites, who passes on what they say, writes it down, and can say things in their names.
final class Relay: Sendable {
    /// A message as it was passed on.
    struct Message: Sendable {
        let bytes: [UInt8]
        let isFromLeft: Bool

        var type: UInt8 { bytes[0] }
        var isKeepalive: Bool { type == 4 && bytes.count == 32 }
    }

    /// What is said before each message, in the name of its sender.
    typealias Forgeries = @Sendable (Message) -> [[UInt8]]

    private let passage: Passage
    private let worker: Mutex<Worker?>

    /// Makes each site the other's peer; the left one is to speak first.
    init(between left: Site, and right: Site, forgeries: @escaping Forgeries = { _ in [] }) throws {
        let passage = try Passage(from: left.port, to: right.port, forgeries)
        self.passage = passage
        worker = Mutex(Worker { while passage.step() {} })
        try left.add(right, at: passage.nearLeft.port)
        try right.add(left)
    }

    deinit {
        passage.end()
        worker.withLock { $0.take() }?.join()
    }

    var messages: [Message] { passage.messages }

    /// Says something to the left site as the right one would, or the other way round.
    func forge(_ bytes: [UInt8], asIfFromLeft isFromLeft: Bool) throws {
        try passage.send(bytes, isFromLeft: isFromLeft)
    }
}

/// What a relay's thread works with.
private final class Passage: Sendable {
    /// Where the left site believes the right one to be.
    let nearLeft: DatagramSocket
    private let nearRight: DatagramSocket
    private let leftPort: UInt16
    private let rightPort: UInt16
    private let forgeries: Relay.Forgeries
    private let state = Mutex(State())

    private struct State {
        var messages: [Relay.Message] = []
        var isOver = false
    }

    init(from leftPort: UInt16, to rightPort: UInt16, _ forgeries: @escaping Relay.Forgeries) throws {
        (nearLeft, nearRight) = (try DatagramSocket(), try DatagramSocket())
        (self.leftPort, self.rightPort, self.forgeries) = (leftPort, rightPort, forgeries)
    }

    var messages: [Relay.Message] { state.withLock { $0.messages } }

    func end() { state.withLock { $0.isOver = true } }

    /// Waits a moment, and passes on what has come. False after the end.
    func step() -> Bool {
        var polled = [nearLeft, nearRight].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        poll(&polled, 2, 50)
        while let bytes = nearLeft.receive() { pass(Relay.Message(bytes: bytes, isFromLeft: true)) }
        while let bytes = nearRight.receive() { pass(Relay.Message(bytes: bytes, isFromLeft: false)) }
        return state.withLock { !$0.isOver }
    }

    private func pass(_ message: Relay.Message) {
        state.withLock { $0.messages.append(message) }
        for forgery in forgeries(message) { try? send(forgery, isFromLeft: message.isFromLeft) }
        try? send(message.bytes, isFromLeft: message.isFromLeft)
    }

    func send(_ bytes: [UInt8], isFromLeft: Bool) throws {
        if isFromLeft { try nearRight.send(bytes, to: rightPort) } else { try nearLeft.send(bytes, to: leftPort) }
    }
}
