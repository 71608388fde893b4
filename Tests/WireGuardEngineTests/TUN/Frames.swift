import Glibc
import LinuxSystem

@testable import WireGuardEngine

/// Reading from TUN queues as tests need it.
enum Frames {
    /// The next frame; waits for it, and gives up after long.
    static func next(of queue: TunQueue) throws -> [UInt8]? {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: TunQueue.longestFrame, alignment: 8)
        defer { room.deallocate() }
        while true {
            do throws(Errno) {
                return Array(room[..<(try queue.read(into: room))])
            } catch {
                guard error == .tryAgain else { throw error }
            }
            var polled = pollfd(fd: queue.raw, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, 20_000) == 0 { return nil }
        }
    }

    static func write(_ frame: [UInt8], to queue: TunQueue) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: frame.count, alignment: 8)
        defer { memory.deallocate() }
        memory.copyBytes(from: frame)
        try queue.write(UnsafeRawBufferPointer(memory))
    }
}
