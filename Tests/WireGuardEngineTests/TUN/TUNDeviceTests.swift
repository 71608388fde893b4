import ByteText
import CLinux
import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardModel

@testable import WireGuardEngine

@Suite(
    "TUN devices", .enabled(if: Arena.isPossible && access("/dev/net/tun", R_OK) == 0, "takes root and /dev/net/tun"))
struct TUNDeviceTests {
    private static func device(
        _ name: String = "tun0", queues: Int = 1, offloads: TunOffloads = .all
    ) throws -> TunDevice {
        try TunDevice(creating: InterfaceName(ByteString(name)), queueCount: queues, offloads: offloads) { _ in }
    }

    private static func link(_ name: String) throws -> String {
        try run("ip", ["-o", "-d", "link", "show", "dev", name]).out
    }

    /// Whether an interface ends. Programs that other tests start have its descriptor, too, until they are loaded.
    private static func goes(_ name: String) throws -> Bool {
        for _ in 0..<1000 {
            if try link(name) == "" { return true }
            usleep(10_000)
        }
        return false
    }

    /// A descriptor as somebody else opened it.
    private static func inherited(_ flags: CInt, name: String = "given0") -> CInt {
        let descriptor = open("/dev/net/tun", O_RDWR)
        var name: [CChar] = Array(name.utf8CString) + .init(repeating: 0, count: 9)
        #expect(clinux_tun_attach(descriptor, &name, flags) == 0)
        return descriptor
    }

    @Test("a new interface has its name, MTU and queues, and goes when it is let go")
    func creates() async throws {
        try await Arena.run {
            do {
                let device = try Self.device(queues: 2)
                #expect(device.name == InterfaceName("tun0"))
                #expect(device.queues.count == 2)
                #expect(device.offloads == .all)
                let link = try Self.link("tun0")
                #expect(link.contains(" mtu 1420 "))
                #expect(link.contains("multi_queue"))
                #expect(link.contains("numqueues 2 "))
                for queue in device.queues {
                    #expect(fcntl(queue.raw, F_GETFD) & FD_CLOEXEC != 0)
                    #expect(fcntl(queue.raw, F_GETFL) & O_NONBLOCK != 0)
                }
            }
            #expect(try Self.goes("tun0"))
        }
    }

    @Test("a name that is taken is refused, whoever has it")
    func taken() async throws {
        try await Arena.run {
            let device = try Self.device(queues: 2)
            #expect(throws: TunFailure.nameTaken(InterfaceName("tun0"))) { try Self.device(queues: 2) }
            #expect(throws: TunFailure.nameTaken(InterfaceName("lo"))) { try Self.device("lo") }
            #expect(try Self.link("tun0").contains("numqueues 2 "))
            withExtendedLifetime(device) {}
        }
    }

    @Test("a bad name is refused before the kernel sees it")
    func badNames() async throws {
        try await Arena.run {
            for name in ["", ".", "..", "a/b", "a b", "tun%", "%d%d", "a:b", "a\tb", "sixteen-letters-", "ümlaut"] {
                #expect(throws: TunFailure.badName(InterfaceName(ByteString(name)))) { try Self.device(name) }
            }
            _ = try Self.device("fifteen-letters")
            _ = try Self.device("...")
        }
    }

    @Test("a pattern gets the first number that is free, for all queues")
    func pattern() async throws {
        try await Arena.run {
            let first = try Self.device("tun%dx", queues: 2)
            let second = try Self.device("tun%dx")
            #expect(first.name == InterfaceName("tun0x") && second.name == InterfaceName("tun1x"))
            #expect(try Self.link("tun0x").contains("numqueues 2 ") && Self.link("tun0x").contains(" mtu 1420 "))
        }
    }

    @Test("more queues than the kernel has are not asked for")
    func manyQueues() async throws {
        try await Arena.run {
            let device = try Self.device(queues: 1000)
            #expect(device.queues.count == 256)
            #expect(try Self.link("tun0").contains("numqueues 256 "))
        }
    }

    @Test("who has no permission is told so")
    func noPermission() async throws {
        try await Arena.run {
            #expect(mount("none", "/dev/net", "tmpfs", UInt(MS_NODEV), nil) == 0)
            #expect(mknod("/dev/net/tun", S_IFCHR | 0o666, 10 << 8 | 200) == 0)
            #expect(throws: TunFailure.noPermission) { try Self.device() }
        }
    }

    @Test("no device file and no module are told apart")
    func noDevice() async throws {
        try await Arena.run {
            #expect(mount("none", "/dev/net", "tmpfs", 0, nil) == 0)
            #expect(throws: TunFailure.noDeviceFile) { try Self.device() }
            #expect(mknod("/dev/net/tun", S_IFCHR | 0o666, 10 << 8 | 254) == 0)
            #expect(throws: TunFailure.noModule) { try Self.device() }
        }
    }

    @Test("every failure names its cure, in one line")
    func cures() {
        let failures: [(TunFailure, String)] = [
            (.badName(InterfaceName("a b")), "give"), (.nameTaken(InterfaceName("tun0")), "ip link delete dev tun0"),
            (.noDeviceFile, "modprobe tun"),
            (.noModule, "modprobe tun"), (.noPermission, "CAP_NET_ADMIN"), (.notTun(descriptor: 5), "TUNSETIFF"),
            (.wrongKind(descriptor: 5), "IFF_TUN"), (.other(InterfaceName("tun0"), .noDevice), "No such device"),
        ]
        for (failure, cure) in failures {
            #expect(failure.description.contains(cure))
            #expect(!failure.description.contains("\n"))
        }
    }

    @Test("an inherited descriptor is taken over with the headers that it has")
    func adopts() async throws {
        try await Arena.run {
            var log: [String] = []
            do {
                let device = try TunDevice(adopting: Self.inherited(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR)) {
                    log.append($0)
                }
                #expect(device.name == InterfaceName("given0"))
                #expect(device.offloads == .all)
                #expect(fcntl(device.queues[0].raw, F_GETFD) & FD_CLOEXEC != 0)
                #expect(fcntl(device.queues[0].raw, F_GETFL) & O_NONBLOCK != 0)
                #expect(log == [])
            }
            // Programs that other tests start may inherit the first one as well, which then stays for a while.
            let plain = try TunDevice(adopting: Self.inherited(IFF_TUN | IFF_NO_PI, name: "given1")) { log.append($0) }
            #expect(plain.offloads == [])
            #expect(log == ["Interface given1 was opened without IFF_VNET_HDR: no offloads"])
            try Self.echo(through: plain.queues[0], name: "given1")
        }
    }

    @Test("a descriptor of another kind is refused and stays open")
    func refusesOthers() async throws {
        try await Arena.run {
            let file = open("/dev/null", O_RDWR)
            #expect(throws: TunFailure.notTun(descriptor: file)) { try TunDevice(adopting: file) { _ in } }
            #expect(fcntl(file, F_GETFD) != -1)
            let tap = Self.inherited(IFF_TAP | IFF_NO_PI)
            #expect(throws: TunFailure.wrongKind(descriptor: tap)) { try TunDevice(adopting: tap) { _ in } }
            for descriptor in [file, tap] { #expect(close(descriptor) == 0) }
        }
    }

    @Test("what was not asked for is not agreed to", arguments: TunOffloads.choices)
    func offloads(_ wanted: TunOffloads) async throws {
        try await Arena.run {
            var log: [String] = []
            let device = try TunDevice(creating: InterfaceName("tun0"), offloads: wanted) { log.append($0) }
            #expect(device.offloads == wanted)
            #expect(log == [])
        }
    }

    @Test("an empty queue would block, one that is down throws EIO, a deleted one EBADFD")
    func states() async throws {
        try await Arena.run {
            let device = try Self.device()
            let queue = device.queues[0]
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2000, alignment: 8)
            defer { room.deallocate() }
            #expect(throws: Errno.tryAgain) { try queue.read(into: room) }
            let packet = [UInt8](repeating: 0, count: 10) + InnerPackets().bytes
            #expect(throws: Errno(EIO)) { try Frames.write(packet, to: queue) }
            _ = try run("ip", ["link", "delete", "dev", "tun0"])
            #expect(throws: Errno(EBADFD)) { try queue.read(into: room) }
            #expect(throws: Errno(EBADFD)) { try Frames.write(packet, to: queue) }
            var polled = pollfd(fd: queue.raw, events: Int16(POLLIN), revents: 0)
            #expect(poll(&polled, 1, 0) == 1)
            #expect(polled.revents & Int16(POLLERR) != 0)
        }
    }

    @Test("a ping that is written comes back as an answer")
    func answers() async throws {
        try await Arena.run {
            let device = try Self.device()
            try Self.echo(through: device.queues[0], name: "tun0")
        }
    }

    /// Asks the system at the other end of the queue for an echo.
    private static func echo(through queue: TunQueue, name: String) throws {
        for command in ["address add 10.1.0.1/24 dev \(name)", "link set dev \(name) up"] {
            #expect(try run("ip", command.split(separator: " ").map(String.init)).status == 0)
        }
        var request = InnerPackets()
        (request.isTCP, request.source, request.destination) = (false, [10, 1, 0, 2], [10, 1, 0, 1])
        (request.sourcePort, request.destinationPort) = (0x0800, 0xf7ff)
        var bytes = request.bytes
        // An ICMP echo request instead of the UDP header.
        bytes[9] = 1
        bytes.replaceSubrange(20..<28, with: [8, 0, 0xf7, 0xff, 0, 0, 0, 0])
        bytes[10...11] = [0, 0]
        let checksum = ~NaiveChecksum.sum(Array(bytes[..<20]))
        bytes[10...11] = [UInt8(checksum >> 8), UInt8(truncatingIfNeeded: checksum)]
        let frame = [UInt8](repeating: 0, count: 10) + bytes
        try Frames.write(frame, to: queue)
        // What the system says by itself comes too, such as router solicitations.
        while let answer = try Frames.next(of: queue) {
            guard answer[10] == 0x45, answer[19] == 1 else { continue }
            #expect(answer[22..<30] == [10, 1, 0, 1, 10, 1, 0, 2])
            #expect(answer[30] == 0)
            return
        }
        Issue.record("no answer")
    }
}
