import Glibc
import TestSupport
import Testing

/// The first moments of our daemon, and descriptors that it is given for them.
@Suite("A daemon that begins", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct BeginningTests {
    @Test("lets its interface move at once, and carries on from where it began")
    func movedAtOnce() throws {
        let (left, right) = try Laboratory.pair()
        let identity = try Identity("moved", in: left.laboratory)
        try right.set(["peer", identity.publicKey, "allowed-ips", "10.9.0.7/32,fd09::7/128"])
        try left.laboratory.shell("ip netns add inside && ip -n inside link set lo up")
        for round in 0..<10 {
            let answers = try left.laboratory.shell(
                Self.moving, Places.daemon, Tool.ours.path, identity.file, right.publicKey, right.endpoint,
                on: left.name)
            #expect(answers.lines.count { $0.contains(" bytes from ") } == 2, "round \(round): \(answers)")
        }
    }

    private static let moving = """
        "$0" moved && ip link set moved netns inside && \\
        "$1" set moved private-key "$2" peer "$3" endpoint "$4" allowed-ips 10.9.0.0/24,fd09::/64 && \\
        ip -n inside address add 10.9.0.7/24 dev moved && ip -n inside address add fd09::7/64 dev moved && \\
        ip -n inside link set moved up || exit
        # A tentative address is no source: the ping would leave with a link-local one, which belongs to no peer.
        while ip -n inside -6 address show dev moved tentative | grep -q fd09; do sleep 0.01; done
        ip netns exec inside ping -c 1 -W 10 10.9.0.2 && ip netns exec inside ping -c 1 -W 10 fd09::2 && \\
        ip -n inside link delete moved || exit
        while [[ -e /var/run/wireguard/moved.sock ]]; do sleep 0.01; done
        """

    /// With a header in front of each packet, as ours asks for, and without, as another may have opened it.
    @Test("works with an interface and a socket that it inherits", arguments: [0x1001, 0x5001, 0x5101] as [Int16])
    func inherits(_ flags: Int16) throws {
        let (left, right) = try Laboratory.pair()
        let laboratory = left.laboratory
        let tun = try laboratory.network(of: left.name).run { try Self.openTun("given", flags) }
        let socket = try Self.listen(at: laboratory.outerPath("/run/wireguard/given.sock"))
        let daemon = try laboratory.start(
            "bash", ["-c", Self.handingOver, Places.daemon, laboratory.path("log")], on: left.name,
            descriptors: [tun, socket, STDERR_FILENO])
        for descriptor in [tun, socket] { close(descriptor) }

        let identity = try Identity("given", in: laboratory)
        try right.set(["peer", identity.publicKey, "allowed-ips", "10.9.0.7/32,fd09::7/128"])
        try laboratory.wg(
            "set", "given", "private-key", identity.file, "peer", right.publicKey, "endpoint", right.endpoint,
            "allowed-ips", "10.9.0.2/32,fd09::2/128")
        try laboratory.shell(
            """
            ip link set wg-left down
            ip address add 10.9.0.7/24 dev given && ip address add fd09::7/64 dev given && ip link set given up
            """, on: left.name)
        for address in right.addresses { #expect(try left.ping(address) == 3) }
        try laboratory.expectAgreement(on: "given")

        try laboratory.shell("ip link delete given", on: left.name)
        var status: CInt = -1
        for _ in 0..<500 where waitpid(daemon, &status, WNOHANG) == 0 { usleep(20_000) }
        #expect(status == 0)
    }

    private static let handingOver = """
        exec 3<&0 4<&1 </dev/null >>"$1" 2>&1
        WG_TUN_FD=3 WG_UAPI_FD=4 exec "$0" --foreground given
        """

    private static func openTun(_ name: String, _ flags: Int16) throws -> CInt {
        let tun = try check(open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun")
        var request = Array(name.utf8) + [UInt8](repeating: 0, count: 40 - name.utf8.count)
        withUnsafeBytes(of: flags) { request.replaceSubrange(16..<18, with: $0) }
        let setInterface: UInt = 0x4004_54ca
        try check(ioctl(tun, setInterface, &request), "TUNSETIFF")
        return tun
    }

    private static func listen(at path: String) throws -> CInt {
        let socket = try check(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0), "socket")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try check(bound, path)
        try check(Glibc.listen(socket, 16), "listen")
        return socket
    }
}
