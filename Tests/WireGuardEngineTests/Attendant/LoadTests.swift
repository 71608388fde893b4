import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardEngine
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@Suite("Load", .enabled(if: Arena.isPossible && access("/dev/net/tun", R_OK) == 0, "takes root and /dev/net/tun"))
struct LoadTests {
    @Test("who sends more handshake messages than are computed is asked for a cookie, and who sends few is not")
    func asksForCookies() async throws {
        try await Arena.run {
            try raiseLoopback()
            let key = PrivateKey.generate()
            let device = try TunDevice(creating: InterfaceName("load"), queueCount: 1) { _ in }
            let engine = try Engine(device, EngineSettings())
            try engine.start()
            defer { engine.stop() }
            try ip("link set load up")
            var update = DeviceUpdate(name: InterfaceName("load"))
            update.privateKey = .set(key)
            update.listenPort = 51820
            try engine.apply(update)

            let flood = try Flood(of: key.publicKey, port: 51820)
            for _ in 0..<20 { flood.send(1) }
            #expect(flood.answers(within: 500) == [])
            var answers: [[UInt8]] = []
            for _ in 0..<200 where answers.isEmpty {
                flood.send(2000)
                answers = flood.answers(within: 100)
            }
            // The answers are cookie replies only.
            #expect(!answers.isEmpty)
            #expect(answers.allSatisfy { $0.count == MessageSize.cookieReply && $0[0] == 3 })
        }
    }
}

/// Initiations from an unknown peer with a valid MAC1: each costs the receiver a key exchange.
private final class Flood {
    private let socket: CInt
    private let message: [UInt8]

    init(of target: PublicKey, port: UInt16) throws {
        var bytes = InitiationBytes { UInt8(truncatingIfNeeded: $0 &* 37) }
        for index in 0..<4 { bytes[index] = index == 0 ? 1 : 0 }
        for index in 116..<148 { bytes[index] = 0 }
        var cookies = CookieKeeper(target)
        cookies.stamp(&bytes, Instant(nanoseconds: 0))
        message = bytes.indices.map { bytes[$0] }

        let flags = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        socket = Glibc.socket(AF_INET, flags, 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let status = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
    }

    deinit { close(socket) }

    func send(_ count: Int) { for _ in 0..<count { _ = Glibc.send(socket, message, message.count, 0) } }

    /// The answers that have come after so many milliseconds.
    func answers(within milliseconds: UInt32) -> [[UInt8]] {
        usleep(milliseconds * 1000)
        var answers: [[UInt8]] = []
        var room = [UInt8](repeating: 0, count: 256)
        while case let count = recv(socket, &room, room.count, 0), count > 0 { answers.append(Array(room[..<count])) }
        return answers
    }
}
