import ByteText
import LinuxNetlink
import LinuxSystem
import NetlinkTestSupport
import TestSupport
import Testing
import WireGuardControl
import WireGuardKeys
import WireGuardModel

@Suite struct NetlinkBackendTests {
    private func backend(_ answer: @escaping @Sendable (FakeKernel, [UInt8]) -> [[UInt8]]) -> NetlinkBackend {
        NetlinkBackend { _ throws(Errno) in FakeKernel(answer: answer) }
    }

    @Test func kernelWithoutTheModuleDoesNotSupportTheProtocol() {
        let backend = backend { kernel, request in
            [Bytes.end(-2, sequence: FakeKernel.sequence(of: request), port: kernel.port)]
        }
        #expect(throws: Errno.protocolNotSupported) { try backend.get(InterfaceName("wg0")) }
        #expect(throws: Errno.protocolNotSupported) { try backend.set(DeviceUpdate(name: InterfaceName("wg0"))) }
    }

    @Test func familyIsAskedForByName() {
        let kernel = FakeKernel { kernel, request in
            [Bytes.end(-2, sequence: FakeKernel.sequence(of: request), port: kernel.port)]
        }
        #expect(throws: Errno.protocolNotSupported) {
            try GenericNetlink(family: "wireguard", version: 1, over: kernel).request(0, flags: 0).bytes.count
        }
        #expect(
            kernel.sent == [
                [
                    0x24, 0, 0, 0, 0x10, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_ACK
                    3, 1, 0, 0,  // CTRL_CMD_GETFAMILY, version 1
                    0x0e, 0x00, 0x02, 0x00,  // CTRL_ATTR_FAMILY_NAME
                ] + Array("wireguard\0".utf8) + [0, 0]
            ])
    }

    /// B1: peer 1 is removed and added again during each read, so that it is in it twice; the last is current.
    @Test("a device whose peers change during every read has each peer once")
    func peersThatComeAndGo() throws {
        @Sendable func peer(_ key: UInt8, port: UInt16, allowed: [UInt8]) -> [UInt8] {
            // struct sockaddr_in: AF_INET, port in network order, address.
            let endpoint =
                [2, 0, UInt8(port >> 8), UInt8(port & 0xff), 192, 0, 2, key] + [UInt8](repeating: 0, count: 8)
            let addresses = allowed.map { byte in
                Bytes.attribute(
                    0,
                    Bytes.attribute(1, Bytes.u16(2)) + Bytes.attribute(2, [10, 0, 0, byte]) + Bytes.attribute(3, [32]),
                    nested: true)
            }
            return Bytes.attribute(
                0,
                Bytes.attribute(1, [UInt8](repeating: key, count: 32)) + Bytes.attribute(4, endpoint)
                    + Bytes.attribute(9, addresses.flatMap { $0 }, nested: true), nested: true)
        }
        let backend = backend { kernel, request in
            if FakeKernel.type(of: request) == 0x10 { return kernel.familyAnswer(0x21, to: request) }
            let sequence = FakeKernel.sequence(of: request)
            func message(_ peers: [UInt8]) -> [UInt8] {
                // struct genlmsghdr; NLM_F_MULTI and NLM_F_DUMP_INTR; WGDEVICE_A_PEERS is 8.
                let content = [0, 1, 0, 0] + Bytes.attribute(8, peers, nested: true)
                return Bytes.message(type: 0x21, flags: 0x12, sequence: sequence, port: kernel.port, content)
            }
            return [
                message(peer(1, port: 5, allowed: [1, 2]) + peer(2, port: 6, allowed: [3])),
                // The kernel continues a peer whose allowed-ips did not fit.
                message(
                    peer(2, port: 6, allowed: [4]) + peer(3, port: 7, allowed: []) + peer(1, port: 8, allowed: [9])),
                Bytes.done(flags: 0x12, sequence: sequence, port: kernel.port),
            ]
        }
        let device = try backend.get(InterfaceName("wg0"))
        #expect(device.peers.map { $0.publicKey.bytes[0] } == [1, 2, 3])
        #expect(device.peers.map { $0.endpoint?.port } == [8, 6, 7])
        #expect(device.peers.map { $0.allowedIPs.count } == [1, 2, 0])
    }

    @Test func longNamesAreNoDevice() {
        let kernel = NaiveKernel()
        let connected = SendableBox { kernel.connect() }
        let backend = NetlinkBackend { _ throws(Errno) in connected.make() }
        let name = InterfaceName("sixteen-letters-")
        #expect(throws: Errno.noDevice) { try backend.get(name) }
        #expect(throws: Errno.noDevice) { try backend.set(DeviceUpdate(name: name)) }
    }

    @Test func linksOfOurKindAreListed() throws {
        func link(_ name: String, kind: String?) -> [UInt8] {
            let info = kind.map { Bytes.attribute(18, Bytes.attribute(1, Array($0.utf8) + [0])) } ?? []
            // struct ifinfomsg is 16 bytes; IFLA_IFNAME is 3, IFLA_LINKINFO 18, IFLA_INFO_KIND 1.
            return [UInt8](repeating: 0, count: 16) + Bytes.attribute(3, Array(name.utf8) + [0]) + info
        }
        let links = [
            link("lo", kind: nil), link("wg1", kind: "wireguard"), link("eth0", kind: "veth"),
            link("wg0", kind: "wireguard"), link("other", kind: "wireguard2"),
        ]
        let backend = backend { kernel, request in
            let sequence = FakeKernel.sequence(of: request)
            return links.map { Bytes.message(type: 16, flags: 2, sequence: sequence, port: kernel.port, $0) }
                + [Bytes.done(sequence: sequence, port: kernel.port)]
        }
        #expect(try backend.list().map(\.text) == ["wg1", "wg0"])
    }

    // MARK: taking single allowed-ips away where the kernel cannot

    /// Random updates on a kernel that refuses removals, against the same changes done one by one on a dictionary.
    @Test(arguments: 0..<60)
    func removalsWorkOnKernelsThatRefuseThem(seed: Int) throws {
        var random = SeededRandom(UInt64(seed))
        let kernel = NaiveKernel()
        let connected = SendableBox { kernel.connect() }
        let backend = NetlinkBackend { _ throws(Errno) in connected.make() }
        var owners: [NaiveKernel.Prefix: Int] = [:]
        for _ in 0..<6 {
            let update = Self.randomUpdate(&random)
            try backend.set(update.device)
            for (peer, replaces, changes) in update.plain {
                if replaces { owners = owners.filter { $0.value != peer } }
                for (prefix, removes) in changes {
                    if !removes { owners[prefix] = peer } else if owners[prefix] == peer { owners[prefix] = nil }
                }
            }
            #expect(kernel.owners == owners.mapValues { [UInt8](repeating: UInt8($0), count: 32) })
        }
    }

    private typealias Plain = [(peer: Int, replaces: Bool, changes: [(NaiveKernel.Prefix, removes: Bool)])]

    private static func randomUpdate(_ random: inout SeededRandom) -> (device: DeviceUpdate, plain: Plain) {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        var plain: Plain = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let number = Int.random(in: 1...3, using: &random)
            var peer = PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: UInt8(number))))
            peer.replaceAllowedIPs = Int.random(in: 0..<4, using: &random) == 0
            var changes: [(NaiveKernel.Prefix, removes: Bool)] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let address: [UInt8] = [
                    10, UInt8.random(in: 0...1, using: &random), 0, UInt8.random(in: 0...3, using: &random),
                ]
                let length = [16, 24, 31, 32].randomElement(using: &random)!
                let removes = Bool.random(using: &random)
                let allowedIP = AllowedIP(IPAddress(bytes: address.span)!, prefixLength: UInt8(length))!
                peer.allowedIPs.append(AllowedIPChange(allowedIP, removes: removes))
                changes.append((NaiveKernel.masked(address, UInt8(length)), removes))
            }
            update.peers.append(peer)
            plain.append((number, peer.replaceAllowedIPs, changes))
        }
        return (update, plain)
    }

    @Test func otherRefusalsAreTold() {
        let backend = backend { kernel, request in
            FakeKernel.type(of: request) == 0x10
                ? kernel.familyAnswer(0x1d, to: request)
                : [Bytes.end(-22, sequence: FakeKernel.sequence(of: request), port: kernel.port)]
        }
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        update.peers = [PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: 1)))]
        #expect(throws: Errno.invalidArgument) { try backend.set(update) }
    }
}

/// The tests use their kernels on one thread only.
private struct SendableBox: @unchecked Sendable {
    let make: () -> FakeKernel
}
