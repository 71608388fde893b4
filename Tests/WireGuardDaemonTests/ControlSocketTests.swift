import ByteText
import Glibc
import LinuxSystem
import Synchronization
import TestSupport
import Testing
import WireGuardDaemon
import WireGuardModel

@Suite("Control socket")
struct ControlSocketTests {
    @Test("only its owner may use it, and look into its folder")
    func modes() throws {
        let folder = try SocketFolder()
        let socket = try folder.listen("wg0")
        #expect(SocketFolder.mode(folder.path) == 0o700)
        #expect(SocketFolder.mode(folder.socket("wg0")) == 0o600)
        #expect(try folder.names() == ["wg0.sock"])
        _ = try Caller(folder.socket("wg0"))
        withExtendedLifetime(socket) {}
    }

    @Test("a socket that nobody listens on is taken over")
    func stale() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o700)
        try FakeDevice.leaveStaleSocket(at: folder.socket("wg0"))
        let socket = try folder.listen("wg0")
        _ = try Caller(folder.socket("wg0"))
        #expect(try folder.names() == ["wg0.sock"])
        withExtendedLifetime(socket) {}
    }

    @Test("one that somebody listens on is not, even when he answers nobody")
    func live() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o700)
        let path = ByteString(folder.socket("wg0"))
        let listener = try UnixSocket.listen(at: path, backlog: 0)
        for _ in 0..<3 {
            #expect(throws: DaemonFailure.alreadyRunning(InterfaceName("wg0"), socket: path)) {
                _ = try folder.place("wg0").claim(patience: 0)
            }
        }
        _ = try folder.listen("wg1")
        withExtendedLifetime(listener) {}
    }

    @Test("one whose daemon is about to end is waited for")
    func ending() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o700)
        let path = ByteString(folder.socket("wg0"))
        let end = Worker {
            guard let listener = try? UnixSocket.listen(at: path) else { return }
            usleep(300_000)
            withExtendedLifetime(listener) { FileSystem.remove(path) }
        }
        while !FileSystem.exists(path) { usleep(1000) }
        let socket = try folder.place("wg0").claim(patience: 20_000_000_000).listen()
        end.join()
        #expect(try folder.names() == ["wg0.sock"])
        withExtendedLifetime(socket) {}
    }

    @Test("others who can read the folder cannot keep anybody from it", .enabled(if: geteuid() == 0, "needs root"))
    func foreignLocks() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o755)
        let folderLock = open(folder.path, O_RDONLY | O_DIRECTORY)
        #expect(flock(folderLock, LOCK_EX) == 0)
        defer { close(folderLock) }
        let claim = try folder.place("wg0").claim()
        // The lock file exists meanwhile. Nobody else can open it, and it does not stay.
        #expect(try folder.names() == ["wg0.sock.lock"])
        #expect(SocketFolder.mode(folder.path + "/wg0.sock.lock") == 0o600)
        let socket = try claim.listen()
        #expect(try folder.names() == ["wg0.sock"])
        socket.file?.remove()
        #expect(try folder.names() == [])
    }

    @Test("a start that hangs is waited for, but not for ever")
    func hangingStart() throws {
        let folder = try SocketFolder()
        let claim = try folder.place("wg0").claim()
        let lock = ByteString(folder.path + "/wg0.sock.lock")
        #expect(throws: DaemonFailure.alreadyStarting(InterfaceName("wg0"), lock: lock)) {
            _ = try folder.place("wg0").claim()
        }
        _ = try folder.place("wg1").claim()
        _ = consume claim
        _ = try folder.listen("wg0")
    }

    @Test("a lock file left behind by a start that was killed holds nobody up")
    func abandonedLock() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o700)
        close(creat(folder.path + "/wg0.sock.lock", 0o600))
        _ = try folder.listen("wg0")
        #expect(try folder.names() == ["wg0.sock"])
    }

    @Test("what is no socket is left where it is")
    func otherFiles() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o700)
        close(creat(folder.socket("wg0"), 0o600))
        symlink("/nowhere", folder.socket("wg1"))
        mkdir(folder.socket("wg2"), 0o700)
        for name in ["wg0", "wg1", "wg2"] {
            #expect(throws: DaemonFailure.noSocket(path: ByteString(folder.socket(name)))) {
                _ = try folder.listen(name)
            }
        }
        #expect(try folder.names() == ["wg0.sock", "wg1.sock", "wg2.sock"])
    }

    @Test("a folder that cannot be is told")
    func badFolder() throws {
        let place = ControlSocketPlace(of: InterfaceName("wg0"), in: "/dev/null")
        #expect(throws: DaemonFailure.socketFailed(path: "/dev/null/wg0.sock", Errno(ENOTDIR))) {
            _ = try place.claim()
        }
    }

    @Test("of many that start at once one gets the name")
    func race() throws {
        for _ in 0..<20 {
            let folder = try SocketFolder()
            let outcomes = Mutex((listening: 0, refused: 0))
            let place = folder.place("wg0")
            let workers = (0..<8).map { _ in
                Worker {
                    do {
                        let socket = try place.claim(patience: 20_000_000).listen()
                        outcomes.withLock { $0.listening += 1 }
                        while outcomes.withLock({ $0.listening + $0.refused }) < 8 { usleep(100) }
                        withExtendedLifetime(socket) {}
                    } catch {
                        outcomes.withLock { $0.refused += 1 }
                    }
                }
            }
            for worker in workers { worker.join() }
            #expect(outcomes.withLock { $0 } == (1, 7))
            #expect(try folder.names() == ["wg0.sock"])
        }
    }

    @Test("at the end its file is removed, but no other in its place")
    func removal() throws {
        let folder = try SocketFolder()
        let first = try folder.listen("wg0")
        let owned = first.file
        let file = try #require(owned)
        file.remove()
        #expect(try folder.names() == [])
        let second = try folder.listen("wg0")
        file.remove()
        #expect(try folder.names() == ["wg0.sock"])
        second.file?.remove()
        file.remove()
        #expect(try folder.names() == [])
    }

    @Test("removal is noticed, whatever the way; what happens beside is not")
    func watch() throws {
        let ways: [(String) -> Void] = [
            { unlink($0) }, { rename($0, $0 + ".old") },
            {
                try! FakeDevice.leaveStaleSocket(at: $0 + ".new")
                rename($0 + ".new", $0)
            },
        ]
        for way in ways {
            let folder = try SocketFolder()
            let socket = try folder.listen("wg0")
            let file = socket.file
            let watch = try SocketWatch(of: try #require(file))
            #expect(!watch.isGone())
            _ = try folder.listen("wg1")
            chmod(folder.socket("wg0"), 0o660)
            unlink(folder.socket("wg1"))
            #expect(Self.isReadable(watch.raw) && !watch.isGone() && !Self.isReadable(watch.raw))
            way(folder.socket("wg0"))
            #expect(Self.isReadable(watch.raw) && watch.isGone())
        }
    }

    @Test("without inotify the file is looked at now and then")
    func watchWithoutNotice() throws {
        let folder = try SocketFolder()
        let socket = try folder.listen("wg0")
        let file = socket.file
        let watch = try SocketWatch(of: try #require(file), hasNotice: false)
        #expect(watch.raw == -1 && watch.pollMilliseconds == 1000 && !watch.isGone())
        unlink(folder.socket("wg0"))
        #expect(watch.isGone())
    }

    @Test("a descriptor is inherited if it listens")
    func inheritance() throws {
        let folder = try SocketFolder()
        mkdir(folder.path, 0o700)
        let path = ByteString(folder.socket("wg0"))
        let listener = try UnixSocket.listen(at: path)
        let inherited = try ControlSocket(inheriting: dup(listener.raw))
        let isOurs = inherited.file != nil
        #expect(!isOurs)
        let client = try UnixSocket.connect(to: path)
        let accepted = try UnixSocket.accept(from: inherited.listener) != nil
        #expect(accepted)
        for other in [dup(client.raw), open("/dev/null", O_RDONLY), -1] {
            #expect(throws: DaemonFailure.self) { _ = try ControlSocket(inheriting: other) }
        }
    }

    private static func isReadable(_ raw: CInt) -> Bool {
        var polled = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) == 1
    }
}
