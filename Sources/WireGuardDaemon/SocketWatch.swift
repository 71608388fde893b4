internal import ByteText
internal import Glibc
package import LinuxSystem

/// Learns when the file of our socket is removed, or another put in its place: the request to end.
package final class SocketWatch: Sendable {
    private let descriptor: FileDescriptor
    private let file: ControlSocketFile

    package init(of file: ControlSocketFile) throws(Errno) {
        descriptor = FileDescriptor(owning: try syscall { inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK)) })
        self.file = file
        let raw = descriptor.raw
        let events = IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF
        try file.place.folder.withCString { (folder) throws(Errno) in
            _ = try syscall { inotify_add_watch(raw, folder, UInt32(events)) }
        }
    }

    /// Readable when there is reason to look.
    package var raw: CInt { descriptor.raw }

    /// Whether the file is gone. What the events tell is not needed: the place shows it.
    package func isGone() -> Bool {
        var events = ByteBuffer(capacity: 4096)
        // Nothing to read any more is a failure here, EAGAIN.
        while (try? descriptor.read(into: &events, room: 4096)) != nil { events.removeAll() }
        return !file.isInPlace
    }
}
