package import ByteText
internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// Where a daemon's socket is in the file system.
///
/// A daemon takes the path while it holds the path's lock, and only if nobody listens there, so that of two concurrent
/// starts one fails. It listens until it has removed its socket's file: nobody takes the path in between, and the
/// removal needs no lock.
package struct ControlSocketPlace: Sendable {
    package static let usualFolder: ByteString = "/var/run/wireguard"

    /// Nanoseconds that `claim` waits for a daemon that is ending: it may still listen for a moment.
    package static let patience: UInt64 = 1_000_000_000
    /// Nanoseconds that `claim` waits for another start, which may itself wait for an interface to go.
    private static let patienceWithStarts: UInt64 = 5_000_000_000
    private static let pauseMicroseconds: UInt32 = 10_000

    package let folder: ByteString
    package let path: ByteString
    fileprivate let interface: InterfaceName

    package init(of interface: InterfaceName, in folder: ByteString = usualFolder) {
        self.folder = folder
        self.interface = interface
        path = folder + "/" + interface.text + ".sock"
    }

    /// Makes sure that no daemon runs for the interface and none can start before the claim is used or dropped. Waits
    /// up to `patience` nanoseconds for a listening daemon to end.
    package func claim(patience: UInt64 = patience) throws(DaemonFailure) -> ControlSocketClaim {
        do throws(Errno) {
            try makeFolder()
            return try waitForClaim(patience)
        } catch {
            switch error.code {
            case EADDRINUSE: throw .alreadyRunning(interface, socket: path)
            case EWOULDBLOCK: throw .alreadyStarting(interface, lock: lockPath)
            case ENOTSOCK: throw .noSocket(path: path)
            default: throw .socketFailed(path: path, error)
            }
        }
    }

    /// The lock is released between two attempts: concurrent starts then fail as soon as this one.
    private func waitForClaim(_ patience: UInt64) throws(Errno) -> ControlSocketClaim {
        let start = Clock.bootNanoseconds()
        var firstAnswer: UInt64?
        while true {
            let now = Clock.bootNanoseconds()
            if let lock = try ControlSocketLock.take(at: lockPath) {
                if try isFree() { return ControlSocketClaim(place: self, lock: lock) }
                firstAnswer = firstAnswer ?? now
                guard now - firstAnswer! < patience else { throw Errno(EADDRINUSE) }
            } else {
                guard now - start < Self.patienceWithStarts else { throw .tryAgain }
            }
            Clock.sleep(microseconds: Self.pauseMicroseconds)
        }
    }

    private var lockPath: ByteString { path + ".lock" }

    private func makeFolder() throws(Errno) {
        do throws(Errno) {
            try folder.withCString { (folder) throws(Errno) in _ = try syscall { mkdir(folder, 0o700) } }
        } catch {
            guard error.code == EEXIST else { throw error }
        }
    }

    /// Whether there is no socket, or one that nobody listens on.
    private func isFree() throws(Errno) -> Bool {
        guard FileIdentity(path) != nil else { return true }
        guard FileSystem.isSocket(path) else { throw Errno(ENOTSOCK) }
        return try !isAnswered()
    }

    /// Whether a daemon listens, also one whose queue is full. One that crashed leaves a socket that refuses.
    private func isAnswered() throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try UnixSocket.connect(to: path, waits: false)
            return true
        } catch {
            switch error {
            case .connectionRefused, .notFound: return false
            case .tryAgain: return true
            default: throw error
            }
        }
    }
}

/// The right to make the socket of an interface.
package struct ControlSocketClaim: ~Copyable {
    fileprivate let place: ControlSocketPlace
    fileprivate let lock: ControlSocketLock

    /// Makes the socket, with mode 0600, in the place of one left behind.
    package consuming func listen() throws(DaemonFailure) -> ControlSocket {
        do throws(Errno) {
            let listener = try UnixSocket.listen(at: place.path)
            guard let identity = FileIdentity(place.path) else { throw .notFound }
            return ControlSocket(listener: listener, file: ControlSocketFile(place: place, identity: identity))
        } catch {
            throw .socketFailed(path: place.path, error)
        }
    }
}

/// A socket that listens, and its file.
package struct ControlSocket: ~Copyable {
    package let listener: FileDescriptor
    /// Nil for a socket that somebody else has made and will remove.
    package let file: ControlSocketFile?

    fileprivate init(listener: consuming FileDescriptor, file: ControlSocketFile) {
        self.listener = listener
        self.file = file
    }

    /// Takes over a descriptor that whoever started us left open.
    package init(inheriting raw: CInt) throws(DaemonFailure) {
        let inherited = FileDescriptor(owning: raw)
        do throws(Errno) {
            var listens: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            try syscall { getsockopt(raw, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) }
            guard listens != 0 else { throw .invalidArgument }
            try inherited.setCloseOnExec()
            try inherited.setNonBlocking()
        } catch {
            throw .inheritedSocketFailed(error)
        }
        listener = inherited
        file = nil
    }

    package consuming func takeListener() -> FileDescriptor { listener }
}

/// The file of a socket that we have made.
package struct ControlSocketFile: Sendable {
    package let place: ControlSocketPlace
    fileprivate let identity: FileIdentity

    /// Removes the file, unless it is no longer ours. Call it while the socket still listens.
    package func remove() {
        if isInPlace { FileSystem.remove(place.path) }
    }

    package var isInPlace: Bool { FileIdentity(place.path) == identity }
}
