import ByteText
import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardControl
import WireGuardKeys
import WireGuardModel

@Suite struct UAPIBackendTests {
    /// A folder of its own for the sockets of one test.
    private final class Sockets {
        let path: String
        var backend: UAPIBackend { UAPIBackend(folder: ByteString(path + "/")) }

        init() throws {
            path = try makeTemporaryFolder("uapi")
        }

        deinit {
            for name in (try? FileSystem.entries(of: ByteString(path))) ?? [] {
                FileSystem.remove(ByteString(path + "/") + name)
            }
            rmdir(path)
        }

        func socket(_ name: String) -> String { "\(path)/\(name).sock" }

        func device(_ name: String, get: String = "", set: String = "errno=0\n\n") throws -> FakeDevice {
            try FakeDevice(
                at: socket(name),
                FakeDevice.Behaviour(toGet: Array(get.utf8), toSet: Array(set.utf8), ending: .endsAfterAnswer))
        }
    }

    @Test func liveSocketsAreListedAndStaleOnesRemoved() throws {
        let sockets = try Sockets()
        let live = try sockets.device("wg0")
        try FakeDevice.leaveStaleSocket(at: sockets.socket("gone"))
        close(open(sockets.socket("file"), O_CREAT | O_WRONLY, 0o600))
        #expect(try sockets.backend.list().map(\.text) == ["wg0"])
        #expect(!Places.exists(sockets.socket("gone")))
        #expect(Places.exists(sockets.socket("file")))
        #expect(Places.exists(sockets.socket("wg0")))
        live.stop()
    }

    @Test func folderThatIsNotThereHasNoDevices() throws {
        #expect(try UAPIBackend(folder: "/nonexistent/").list().isEmpty)
        #expect(throws: Errno(ENOTDIR)) { try UAPIBackend(folder: "/dev/null").list() }
    }

    @Test func answersBecomeDevices() throws {
        let sockets = try Sockets()
        let key = String(repeating: "c1", count: 32)
        let device = try sockets.device(
            "wg0", get: "listen_port=7\nown_public_key=\(key)\npublic_key=\(key)\nallowed_ip=10.0.0.0/8\nerrno=0\n\n")
        let read = try sockets.backend.get(InterfaceName("wg0"))
        #expect(read.listenPort == 7)
        #expect(read.peers.map(\.allowedIPs.count) == [1])
        #expect(device.stop() == [Array("get=1\n\n".utf8)])
    }

    @Test(arguments: [
        ("errno=0\n\n", nil as Errno?), ("errno=-22\n\n", .invalidArgument), ("errno=-19\n\n", .noDevice),
        ("", .protocolError), ("errno=0\n", .protocolError), ("\n", .protocolError), ("errno=x\n\n", .protocolError),
        ("new_key=1\nerrno=0\n\n", nil),
    ])
    func answersToSetBecomeErrors(answer: String, error: Errno?) throws {
        let sockets = try Sockets()
        let device = try sockets.device("wg0", set: answer)
        let backend = sockets.backend
        let update = DeviceUpdate(name: InterfaceName("wg0"))
        if let error {
            #expect(throws: error) { try backend.set(update) }
        } else {
            try backend.set(update)
        }
        #expect(device.stop() == [Array("set=1\n\n".utf8)])
    }

    @Test(arguments: [
        ("errno=5\n\n", Errno(EIO)), ("errno=-5\n\n", .protocolError), ("listen_port=1\n\n", .protocolError),
        ("listen_port=1\nerrno=0\n", .protocolError), ("noise\nerrno=0\n\n", .protocolError), ("", .protocolError),
    ])
    func answersToGetBecomeErrors(answer: String, error: Errno) throws {
        let sockets = try Sockets()
        let device = try sockets.device("wg0", get: answer)
        let backend = sockets.backend
        #expect(throws: error) { try backend.get(InterfaceName("wg0")) }
        device.stop()
    }

    // MARK: which interface uses which backend

    private struct Kernel: DeviceBackend {
        func list() throws(Errno) -> [InterfaceName] { [InterfaceName("kernel0")] }
        func get(_ name: InterfaceName) throws(Errno) -> Device { throw .noDevice }
        func set(_ update: DeviceUpdate) throws(Errno) { throw .noDevice }
    }

    @Test func interfaceWithASocketIsItsDaemonsAndTheRestTheKernels() throws {
        let sockets = try Sockets()
        let device = try sockets.device("wg0", get: "errno=0\n\n")
        try FakeDevice.leaveStaleSocket(at: sockets.socket("wg1"))
        let selection = BackendSelection(kernel: Kernel(), userspace: sockets.backend)
        #expect(try selection.list().map(\.text) == ["kernel0", "wg0"])
        #expect(try selection.get(InterfaceName("wg0")).name.text == "wg0")
        try selection.set(DeviceUpdate(name: InterfaceName("wg0")))
        for name in ["wg1", "kernel0", "../\(sockets.path)/wg0", ""] {
            #expect(throws: Errno.noDevice) { try selection.get(InterfaceName(ByteString(name))) }
        }
        #expect(device.stop() == [Array("get=1\n\n".utf8), Array("set=1\n\n".utf8)])
    }
}
