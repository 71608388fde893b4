internal import ByteText
internal import LinuxSystem
internal import WireGuardKeys
internal import WireGuardModel

/// A connection of the server's, used by its thread only.
final class UAPIClient {
    let token: UInt64
    let socket: FileDescriptor
    private var conversation: UAPIConversation
    /// When anything last moved on it, in nanoseconds of `Clock.bootNanoseconds()`.
    private(set) var lastMove: UInt64
    /// What its epoll entry waits for.
    var awaited: Epoll.Events = .readable

    /// Bytes taken in one read, and reads in one turn: the others want theirs.
    private static let room = 8192
    private static let readsInATurn = 16

    init(
        _ socket: consuming FileDescriptor, token: UInt64, about name: InterfaceName, with tunnel: any TunnelControl,
        at now: UInt64
    ) {
        self.socket = socket
        self.token = token
        conversation = UAPIConversation(about: name, with: tunnel)
        lastMove = now
    }

    var heldEntries: Int { conversation.heldEntries }

    /// What is to be waited for before the next turn.
    var awaits: Epoll.Events { conversation.isAnswering ? .writable : .readable }

    /// Reads, does and answers what can be without waiting. False when the connection has no more use.
    func takeTurn(at now: UInt64) -> Bool {
        // Requests and answers hold keys as hex.
        StackZeroing.run { moveOn(at: now) }
    }

    private func moveOn(at now: UInt64) -> Bool {
        do throws(Errno) {
            for _ in 0..<Self.readsInATurn {
                guard try write(at: now) else { return true }
                if conversation.isOver { return false }
                guard try read(at: now) else { return true }
            }
            return true
        } catch {
            return false
        }
    }

    /// False when the client takes no more for now.
    private func write(at now: UInt64) throws(Errno) -> Bool {
        try conversation.writeOutput { (bytes) throws(Errno) in
            guard case .moved(let count) = try socket.send(bytes) else { return nil }
            lastMove = now
            return count
        }
    }

    /// False when there is nothing to read for now.
    private func read(at now: UInt64) throws(Errno) -> Bool {
        // Zeroed at the end of each read: requests hold keys.
        var bytes = ByteBuffer(capacity: Self.room)
        switch try socket.receive(into: &bytes, room: Self.room) {
        case .moved:
            lastMove = now
            conversation.take(bytes.span)
        case .wouldBlock: return false
        case .ended: conversation.endInput()
        }
        return true
    }
}
