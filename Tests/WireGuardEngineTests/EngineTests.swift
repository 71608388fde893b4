import ByteText
import Glibc
import LinuxSystem
import Synchronization
import TestSupport
import Testing
import WireGuardEngine
import WireGuardKeys
import WireGuardModel

/// Whole engines, whose threads meet while everything changes at once. What the thread sanitizer has to look at.
@Suite("Engines", .enabled(if: Arena.isPossible && access("/dev/net/tun", R_OK) == 0, "takes root and /dev/net/tun"))
struct EngineTests {
    @Test("carry packets both ways, through every change, and end", arguments: [1, 2])
    func carry(workers: Int) async throws {
        try await Arena.run {
            let link = try EngineLink(workers: workers)
            #expect(link.carries())
            let works = [
                Worker { link.send(20_000) },
                Worker { link.changePeers(200) },
                Worker { link.changeDevice(100) },
                Worker { for _ in 0..<1000 { link.look() } },
                Worker { for _ in 0..<20 { try? link.goDownAndUp() } },
            ]
            for work in works { work.join() }
            #expect(link.carries())
            link.stop()
        }
    }
}

/// Two engines that are each other's peers, on one loopback. What is sent to 10.9.0.1 goes through the one, to
/// 10.9.0.2 through the other; at the far end it is nobody's.
private final class EngineLink: Sendable {
    private let engines: [Engine]
    private let keys = [PrivateKey.generate(), PrivateKey.generate()]
    private static let names = ["left", "right"]
    private static let ports: [UInt16] = [51821, 51822]
    private static let targets = ["10.9.0.1", "10.9.0.2"]

    /// Call it in an arena.
    init(workers: Int) throws {
        try raiseLoopback()
        try ip("address add 10.8.0.1/32 dev lo")
        var settings = EngineSettings()
        settings.workers = workers
        engines = try Self.names.map { name in
            let device = try TunDevice(creating: InterfaceName(ByteString(name)), queueCount: workers) { _ in }
            return try Engine(device, settings)
        }
        for (index, engine) in engines.enumerated() {
            try engine.start()
            try engine.apply(update(of: index))
            try setUp(index)
        }
    }

    private func setUp(_ index: Int) throws {
        try ip("link set \(Self.names[index]) up")
        try ip("route replace \(Self.targets[index])/32 dev \(Self.names[index]) src 10.8.0.1")
    }

    /// All that an engine is to know.
    private func update(of index: Int) -> DeviceUpdate {
        var update = DeviceUpdate(name: InterfaceName(ByteString(Self.names[index])))
        update.privateKey = .set(keys[index])
        update.listenPort = Self.ports[index]
        update.replacePeers = true
        update.peers = [peer(of: index)]
        return update
    }

    private func peer(of index: Int) -> PeerUpdate {
        var peer = PeerUpdate(publicKey: keys[1 - index].publicKey)
        peer.endpoint = Endpoint(address: localhostV4, port: Self.ports[1 - index])
        peer.allowedIPs = [AllowedIPChange(AllowedIP(IPAddress(v4: 0), prefixLength: 0)!)]
        return peer
    }

    func stop() { for engine in engines { engine.stop() } }

    // MARK: Traffic

    /// Whether packets arrive at both ends within a while.
    func carries() -> Bool {
        let before = received
        for _ in 0..<3000 {
            send(1)
            if zip(received, before).allSatisfy({ $0 > $1 }) { return true }
            usleep(10_000)
        }
        return false
    }

    private var received: [UInt64] {
        zip(engines, keys.reversed()).map { engine, key in
            engine.device(name: InterfaceName("any")).peers.first { $0.publicKey == key.publicKey }?.received ?? 0
        }
    }

    /// Sends so many packets of all sizes each way.
    func send(_ count: Int) {
        let socket = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        let bytes = [UInt8](repeating: 0x5a, count: 4000)
        for number in 0..<count {
            for target in Self.targets {
                var name = sockaddr_in()
                name.sin_family = sa_family_t(AF_INET)
                name.sin_port = UInt16(9).bigEndian
                inet_pton(AF_INET, target, &name.sin_addr)
                withUnsafePointer(to: name) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                        _ = sendto(
                            socket, bytes, 1 + number * 7 % bytes.count, 0, name,
                            socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            }
            if number % 32 == 31 { usleep(1000) }
        }
    }

    // MARK: Changes

    func look() {
        for engine in engines { _ = engine.device(name: InterfaceName("any")) }
        usleep(500)
    }

    /// Others come, take prefixes, and go; the two change what they know of each other.
    func changePeers(_ count: Int) {
        for number in 0..<count {
            let index = number % 2
            var update = DeviceUpdate(name: InterfaceName("any"))
            for other in 0..<20 {
                var peer = PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: UInt8(100 + other))))
                peer.remove = number % 4 > 1
                peer.allowedIPs = [
                    AllowedIPChange(AllowedIP(IPAddress(v4: 0x0a09_0000 + UInt32(other)), prefixLength: 32)!)
                ]
                update.peers.append(peer)
            }
            var known = peer(of: index)
            known.persistentKeepalive = UInt16(number % 3)
            update.peers.append(known)
            try? engines[index].apply(update)
            usleep(2000)
        }
        for index in engines.indices { try? engines[index].apply(update(of: index)) }
    }

    /// Port, mark and key are others, and then those of before.
    func changeDevice(_ count: Int) {
        for number in 0..<count {
            let index = number % 2
            var update = DeviceUpdate(name: InterfaceName("any"))
            update.listenPort = 0
            update.fwmark = UInt32(number)
            if number % 5 == 0 { update.privateKey = .set(.generate()) }
            try? engines[index].apply(update)
            usleep(3000)
            try? engines[index].apply(self.update(of: index))
        }
    }

    func goDownAndUp() throws {
        for (index, name) in Self.names.enumerated() {
            try ip("link set \(name) down")
            usleep(2000)
            try setUp(index)
        }
    }
}
