import Glibc
import LinuxSystem

@testable import WireGuardEngine

/// In place of a TUN queue: keeps what is written, and fails where it is told to.
final class FrameRecorder: TunWriter {
    private(set) var frames: [[UInt8]] = []
    /// What becomes of a frame.
    private let failure: (_ frame: [UInt8]) -> CInt?

    init(failure: @escaping (_ frame: [UInt8]) -> CInt? = { _ in nil }) { self.failure = failure }

    func write(_ frame: UnsafeRawBufferPointer) throws(Errno) { try take(Array(frame)) }

    func write(_ pieces: UnsafeBufferPointer<iovec>) throws(Errno) {
        try take(pieces.flatMap { Array(UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len)) })
    }

    private func take(_ frame: [UInt8]) throws(Errno) {
        if let code = failure(frame) { throw Errno(code) }
        frames.append(frame)
    }
}

extension Coalescer {
    /// Adds packets that lie in memory as received ones do, each with a little in front of it.
    mutating func write(_ packets: [[UInt8]], to queue: borrowing some TunWriter) -> Outcome {
        var memory: [UnsafeMutableRawBufferPointer] = []
        defer { for piece in memory { piece.deallocate() } }
        for packet in packets {
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.headroom + packet.count, alignment: 1)
            memory.append(room)
            UnsafeMutableRawBufferPointer(rebasing: room[Self.headroom...]).copyBytes(from: packet)
            if !add(room.baseAddress! + Self.headroom, count: packet.count) { break }
        }
        return flush(queue)
    }
}
