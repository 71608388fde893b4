internal import ByteText
internal import Glibc
package import LinuxSystem

/// Learns when the file of our socket is removed, or another put in its place: the request to end.
///
/// It uses inotify(7). A user has few instances and watches, and other programs may have used up root's: the file is
/// then checked once a second.
package final class SocketWatch: Sendable {
    /// Readable when the file has to be checked; -1 if it is polled.
    package let raw: CInt
    private let descriptor: FileDescriptor?
    private let file: ControlSocketFile

    /// `hasNotice` is false in tests of polling.
    package init(of file: ControlSocketFile, hasNotice: Bool = true) throws(Errno) {
        self.file = file
        if hasNotice, let descriptor = try Self.open(file.place.folder) {
            raw = descriptor.raw
            self.descriptor = consume descriptor
        } else {
            raw = -1
            descriptor = nil
        }
    }

    /// Nil if the user's inotify instances or watches are used up.
    private static func open(_ folder: ByteString) throws(Errno) -> FileDescriptor? {
        do throws(Errno) {
            let descriptor = FileDescriptor(owning: try syscall { inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK)) })
            let raw = descriptor.raw
            let events = IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF
            try folder.withCString { (folder) throws(Errno) in
                _ = try syscall { inotify_add_watch(raw, folder, UInt32(events)) }
            }
            return descriptor
        } catch {
            if [EMFILE, ENFILE, ENOSPC, ENOMEM, ENOSYS].contains(error.code) { return nil }
            throw error
        }
    }

    /// The polling interval without inotify.
    package var pollMilliseconds: CInt? { raw == -1 ? 1000 : nil }

    /// Whether the file is gone. What the events tell is not needed: the place shows it.
    package func isGone() -> Bool {
        var events = ByteBuffer(capacity: 4096)
        // The read fails with EAGAIN when all events are read, and also without inotify.
        while (try? FileDescriptor.read(raw, into: &events, room: 4096)) != nil { events.removeAll() }
        return !file.isInPlace
    }
}
