package import Glibc
package import LinuxSystem

/// One queue of a TUN device. `TunDevice` owns the descriptor.
///
/// Frames are a `VirtioNetHeader` and a packet, also where an inherited device knows no such headers. When the
/// interface is deleted, calls throw EBADFD and epoll reports EPOLLERR; while it is down, they throw EIO.
package struct TunQueue: Sendable, BitwiseCopyable {
    package let raw: CInt
    private let hasHeaders: Bool

    /// The longest frame that a read brings: a header, and a packet of 65535 bytes.
    package static let longestFrame = VirtioNetHeader.size + 65535

    package init(_ raw: CInt, hasHeaders: Bool = true) { (self.raw, self.hasHeaders) = (raw, hasHeaders) }

    /// Reads one frame and returns its length; throws `tryAgain` when none waits. What `room` cannot hold of the
    /// frame is lost.
    package func read(into room: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let start = room.baseAddress!
        if hasHeaders { return try syscall { Glibc.read(raw, start, room.count) } }
        VirtioNetHeader().write(to: start)
        let count = try syscall { Glibc.read(raw, start + VirtioNetHeader.size, room.count - VirtioNetHeader.size) }
        return VirtioNetHeader.size + count
    }

    /// Writes one frame that lies in one piece.
    package func write(_ frame: UnsafeRawBufferPointer) throws(Errno) {
        let skipped = hasHeaders ? 0 : VirtioNetHeader.size
        try syscall { Glibc.write(raw, frame.baseAddress! + skipped, frame.count - skipped) }
    }

    /// Writes one frame that lies in several pieces, of which the first holds at least the header and a byte. Only
    /// for devices with offloads, which have headers.
    package func write(_ pieces: UnsafeBufferPointer<iovec>) throws(Errno) {
        try syscall { writev(raw, pieces.baseAddress, CInt(pieces.count)) }
    }
}
