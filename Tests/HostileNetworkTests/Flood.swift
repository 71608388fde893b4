import CLinux
import Glibc
import Synchronization
import TestSupport

/// A thread that sends the same messages over and over, at a rate and from 65,536 addresses of the loopback.
final class Flood: Sendable {
    private let progress = Progress()
    private let worker: Mutex<Worker?>
    let socket: DatagramSocket

    private final class Progress: Sendable {
        let sent = Atomic(0)
        let isOver = Atomic(false)
    }

    /// To a port of 127.0.0.1, until the end of `count` messages, of which at most `rate` go in a second.
    init(of messages: [[UInt8]], to port: UInt16, count: Int, rate: Int) throws {
        let socket = try DatagramSocket(atAllAddresses: true)
        let progress = progress
        self.socket = socket
        worker = Mutex(
            Worker {
                let volley = Volley(messages, to: port)
                volley.send(count, rate: rate, by: socket.descriptor) { progress.sent.store($0, ordering: .relaxed) }
                progress.isOver.store(true, ordering: .releasing)
            })
    }

    deinit { join() }

    var sent: Int { progress.sent.load(ordering: .relaxed) }
    var isOver: Bool { progress.isOver.load(ordering: .acquiring) }

    func join() { worker.withLock { $0.take() }?.join() }

    /// What has come back, as far as there was room for it.
    func replies() -> [[UInt8]] {
        var replies: [[UInt8]] = []
        while let reply = socket.receive() { replies.append(reply) }
        return replies
    }
}

/// Messages ready to be sent, each with a source of its own.
private struct Volley: ~Copyable {
    private let headers: UnsafeMutablePointer<Header>
    private let vectors: UnsafeMutablePointer<iovec>
    private let controls: UnsafeMutablePointer<Control>
    private let name: UnsafeMutablePointer<SocketName.Storage>
    private let payload: UnsafeMutablePointer<UInt8>

    private static let size = 1 << 16
    private static let batch = 64

    /// `struct mmsghdr`
    private struct Header {
        var header = msghdr()
        var count: UInt32 = 0
    }

    /// `struct cmsghdr` and `struct in_pktinfo`, which says where a message is from.
    private struct Control {
        var count = 28
        var level = CInt(IPPROTO_IP)
        var type: CInt = 8
        var interface: CInt = 0
        var source: UInt32
        var target: UInt32 = 0
        var padding: UInt32 = 0
    }

    /// All of one length.
    init(_ messages: [[UInt8]], to port: UInt16) {
        (headers, vectors) = (.allocate(capacity: Self.size), .allocate(capacity: Self.size))
        (controls, name) = (.allocate(capacity: Self.size), .allocate(capacity: 1))
        let length = messages[0].count
        payload = .allocate(capacity: messages.count * length)
        for (index, message) in messages.enumerated() {
            (payload + index * length).update(from: message, count: length)
        }
        let target = SocketName(.v4, port: port)
        name.initialize(to: target.storage)
        for index in 0..<Self.size {
            // 127.1.0.0 to 127.1.255.255: every address of the loopback is its own.
            (controls + index).initialize(to: Control(source: (0x7f01_0000 + UInt32(index)).bigEndian))
            vectors[index] = iovec(iov_base: payload + index % messages.count * length, iov_len: length)
            var header = Header()
            header.header.msg_name = UnsafeMutableRawPointer(name)
            header.header.msg_namelen = target.count
            header.header.msg_iov = vectors + index
            header.header.msg_iovlen = 1
            header.header.msg_control = UnsafeMutableRawPointer(controls + index)
            header.header.msg_controllen = MemoryLayout<Control>.size
            (headers + index).initialize(to: header)
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        controls.deallocate()
        name.deallocate()
        payload.deallocate()
    }

    func send(_ count: Int, rate: Int, by socket: CInt, _ progress: (Int) -> Void) {
        let begin = nanoseconds()
        var sent = 0
        while sent < count {
            let due = min(count, (nanoseconds() - begin) * rate / 1_000_000_000)
            guard sent < due else {
                usleep(500)
                continue
            }
            let place = sent % Self.size
            let batch = min(Self.batch, due - sent, Self.size - place)
            // What does not go is as good as lost on the way.
            sent += max(1, Int(clinux_send_messages(socket, headers + place, UInt32(batch))))
            progress(sent)
        }
    }
}

func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
