import ByteText
import CLinux
import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardEngine
import WireGuardModel

/// Links are changed by ip(8): what it did is told by the time that it ends.
@Suite("Interface watch", .enabled(if: Arena.isPossible))
struct InterfaceWatchTests {
    @Test("tells of up, down, MTU and names, each once")
    func changes() async throws {
        try await Arena.run {
            try ip("tuntap add dev one mode tun")
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            var state = watch.current
            #expect(state == InterfaceState(isUp: false, mtu: 1500, name: InterfaceName("one")))
            #expect(try watch.read() == [])
            for (change, isUp, mtu, name) in [
                ("up", true, 1500, "one"), ("mtu 1420", true, 1420, "one"), ("down", false, 1420, "one"),
                ("name two", false, 1420, "two"),
            ] as [(String, Bool, UInt32, ByteString)] {
                try ip("link set \(state?.name.description ?? "") \(change)")
                let next = InterfaceState(isUp: isUp, mtu: mtu, name: InterfaceName(name))
                #expect(try watch.read() == [.changed(next)])
                state = watch.current
                #expect(state == next)
            }
            try ip("link set two alias same")
            #expect(try watch.read() == [])
        }
    }

    @Test("tells of the deletion once, and nothing of another one with its name")
    func deletion() async throws {
        try await Arena.run {
            try ip("tuntap add dev one mode tun")
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            try ip("link del one")
            #expect(try watch.read() == [.gone])
            let current = watch.current
            #expect(current == nil)
            try ip("tuntap add dev one mode tun")
            try ip("link set one up")
            #expect(try watch.read() == [])
        }
    }

    @Test("other links are not its business, nor an interface that is not there")
    func others() async throws {
        try await Arena.run {
            var missing = try InterfaceWatch(name: InterfaceName("one"))
            try ip("tuntap add dev one mode tun")
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            try ip("tuntap add dev two mode tun")
            try ip("link set two up mtu 1300")
            try ip("link del two")
            #expect(try watch.read() == [])
            #expect(try missing.read() == [])
            let (seen, unseen) = (watch.current?.name, missing.current)
            #expect(seen == InterfaceName("one"))
            #expect(unseen == nil)
        }
    }

    @Test("follows into another namespace, and learns there of changes and of the end")
    func moved() async throws {
        try await Arena.run {
            let there = try Namespace("there")
            try ip("tuntap add dev one mode tun")
            try ip("link set one up")
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            try ip("link set one netns there")
            let down = InterfaceState(isUp: false, mtu: 1500, name: InterfaceName("one"))
            #expect(try watch.read() == [.changed(down)])
            try there.ip("link set one up mtu 1420")
            #expect(try watch.read().last == .changed(InterfaceState(isUp: true, mtu: 1420, name: down.name)))
            // One of the same name in the old place is another one.
            try ip("tuntap add dev one mode tun")
            try ip("link set one mtu 1300")
            #expect(try watch.read() == [])
            try there.ip("link set one down")
            try there.ip("link set one name renamed")
            let renamed = InterfaceState(isUp: false, mtu: 1420, name: InterfaceName("renamed"))
            #expect(try watch.read().last == .changed(renamed))
            try there.ip("link del renamed")
            #expect(try watch.read() == [.gone])
        }
    }

    /// Where its index is taken it gets another one.
    @Test("follows to a new index, and back again")
    func movedAndBack() async throws {
        try await Arena.run {
            let there = try Namespace("there")
            try ip("tuntap add dev one mode tun")
            for name in ["two", "three", "four"] { try there.ip("tuntap add dev \(name) mode tun") }
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            try ip("link set one netns there")
            #expect(try watch.read() == [])
            for name in ["two", "three", "four"] { try there.ip("link set \(name) mtu 1400") }
            #expect(try watch.read() == [])
            try there.ip("link set one mtu 1420")
            #expect(try watch.read().count == 1)
            try there.ip("link set one netns \(threadID())")
            try ip("link set one mtu 1280")
            let back = InterfaceState(isUp: false, mtu: 1280, name: InterfaceName("one"))
            #expect(try watch.read().last == .changed(back))
            try ip("link del one")
            #expect(try watch.read() == [.gone])
        }
    }

    @Test("the end of its namespace is its own")
    func namespaceEnds() async throws {
        try await Arena.run {
            var there: Namespace? = try Namespace("there")
            try ip("tuntap add dev one mode tun")
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            try ip("link set one netns there")
            _ = try watch.read()
            there = nil
            _ = there
            var events: [InterfaceEvent] = []
            // The kernel takes a namespace apart after its last user is gone, in its own time.
            for _ in 0..<1000 where events.isEmpty {
                var polled = pollfd(fd: watch.raw, events: Int16(POLLIN), revents: 0)
                poll(&polled, 1, 10)
                events = try watch.read()
            }
            #expect(events == [.gone])
        }
    }

    @Test("news that were lost are made up for")
    func overflow() async throws {
        try await Arena.run {
            try ip("tuntap add dev one mode tun")
            try ip("tuntap add dev two mode tun")
            var watch = try InterfaceWatch(name: InterfaceName("one"))
            var size: CInt = 1
            setsockopt(watch.raw, SOL_SOCKET, SO_RCVBUF, &size, 4)
            let flood = (1...20).map { "link set two mtu \(1300 + $0)\n" }.joined()
            let batch = flood + "link set one mtu 1400\nlink set one up\n"
            try run("ip", ["-batch", "-"], input: Array(batch.utf8)).requireSuccess()
            let state = InterfaceState(isUp: true, mtu: 1400, name: InterfaceName("one"))
            #expect(try watch.read().last == .changed(state))
        }
    }
}

/// By which the namespace of this thread is known.
private func threadID() throws -> String {
    var path = [CChar](repeating: 0, count: 64)
    guard readlink("/proc/thread-self", &path, 63) > 0 else { throw Errno.last }
    let text = String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return String(text.split(separator: "/").last ?? "")
}

/// A network namespace that ip(8) knows by a name, for as long as this lives.
private final class Namespace {
    private let name: String

    init(_ name: String) throws {
        self.name = name
        try WireGuardEngineTests.ip("netns add \(name)")
    }

    deinit { _ = try? WireGuardEngineTests.ip("netns del \(name)") }

    func ip(_ arguments: String) throws { try WireGuardEngineTests.ip("-n \(name) \(arguments)") }
}
