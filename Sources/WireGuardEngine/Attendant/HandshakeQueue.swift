internal import Synchronization
internal import WireGuardProtocol

/// A handshake message as it came in.
struct ReceivedHandshake: BitwiseCopyable {
    private(set) var bytes = InlineArray<148, UInt8>(repeating: 0)
    let count: Int
    let path: Path

    /// `datagram` has at most 148 bytes.
    init(_ datagram: UnsafeRawBufferPointer, by path: Path) {
        (count, self.path) = (datagram.count, path)
        withUnsafeMutableBytes(of: &bytes) { $0.copyMemory(from: datagram) }
    }

    func withMessage<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(bytes.span.extracting(first: count)) }

    /// Whether the sender claims to have a cookie: the last 16 bytes are its MAC2.
    var claimsCookie: Bool { (max(count - 16, 0)..<count).contains { bytes[$0] != 0 } }
}

/// Between the workers, which only see that a packet is a handshake message, and the one thread that computes.
/// When too many come they are dropped here, so that a flood costs workers little and data nothing.
///
/// Messages with a cookie have a place of their own: a flood without cookies does not crowd them out.
final class HandshakeQueue: Sendable {
    static let capacity = 2048

    private struct State {
        var proven: [ReceivedHandshake] = []
        var plain: [ReceivedHandshake] = []
    }

    private let state = Mutex(State())

    /// Drops the message where there is no room. Returns whether the reader has to be woken.
    func add(_ message: ReceivedHandshake) -> Bool {
        state.withLock { state in
            let isFirst = state.proven.isEmpty && state.plain.isEmpty
            if message.claimsCookie, state.proven.count < Self.capacity {
                state.proven.append(message)
            } else if state.plain.count < Self.capacity {
                state.plain.append(message)
            }
            return isFirst
        }
    }

    var isEmpty: Bool { state.withLock { $0.proven.isEmpty && $0.plain.isEmpty } }

    /// Takes all that wait, those with cookies first, into an array whose room is used again and again.
    func take(into messages: inout [ReceivedHandshake]) {
        messages.removeAll(keepingCapacity: true)
        state.withLock { state in
            messages.append(contentsOf: state.proven)
            messages.append(contentsOf: state.plain)
            state.proven.removeAll(keepingCapacity: true)
            state.plain.removeAll(keepingCapacity: true)
        }
    }
}
