import LinuxSystem
import NetlinkTestSupport
import WireGuardControl

/// A kernel with one WireGuard interface, "wg0", as plain as can be: enough of GET_DEVICE and SET_DEVICE to
/// hold peers and their IPv4 allowed-ips. As kernels before Linux 6.16 it refuses entries with flags, and
/// by then has done what the message said before.
final class NaiveKernel {
    struct Prefix: Hashable {
        let address: [UInt8]
        let length: UInt8
    }

    private(set) var peers: [[UInt8]] = []
    private(set) var owners: [Prefix: [UInt8]] = [:]
    private(set) var sets = 0
    private static let family: UInt16 = 0x1d

    func connect() -> FakeKernel {
        FakeKernel { [self] transport, request in
            guard FakeKernel.type(of: request) == Self.family else {
                return transport.familyAnswer(Self.family, to: request)
            }
            let sequence = FakeKernel.sequence(of: request)
            let attributes = Bytes.attributes(request[20...])
            if request[16] == 0 { return [dump(sequence, transport.port)] }
            sets += 1
            return [Bytes.end(set(attributes), sequence: sequence, port: transport.port)]
        }
    }

    func allowedIPs(of peer: [UInt8]) -> Set<Prefix> { Set(owners.filter { $0.value == peer }.keys) }

    private func dump(_ sequence: UInt32, _ port: UInt32) -> [UInt8] {
        let content = peers.flatMap { peer in
            let entries = allowedIPs(of: peer).flatMap { prefix in
                Bytes.attribute(
                    0,
                    Bytes.attribute(1, Bytes.u16(2)) + Bytes.attribute(2, prefix.address)
                        + Bytes.attribute(3, [prefix.length]))
            }
            return Bytes.attribute(0, Bytes.attribute(1, peer) + Bytes.attribute(9, entries))
        }
        let message = [0, 1, 0, 0] + Bytes.attribute(2, Array("wg0\0".utf8)) + Bytes.attribute(8, content)
        return Bytes.message(type: Self.family, flags: 2, sequence: sequence, port: port, message)
            + Bytes.done(sequence: sequence, port: port)
    }

    private func set(_ attributes: [(type: UInt16, content: ArraySlice<UInt8>)]) -> Int32 {
        for peer in attributes.filter({ $0.type == 8 }).flatMap({ Bytes.attributes($0.content) }) {
            let fields = Bytes.attributes(peer.content)
            let key = Array(fields.first { $0.type == 1 }!.content)
            let flags = fields.first { $0.type == 3 }.map { Bytes.number($0.content) } ?? 0
            if !peers.contains(key) { peers.append(key) }
            if flags & 2 != 0 { owners = owners.filter { $0.value != key } }
            for entry in fields.filter({ $0.type == 9 }).flatMap({ Bytes.attributes($0.content) }) {
                let parts = Bytes.attributes(entry.content)
                if parts.contains(where: { $0.type == 4 }) { return -22 }
                let length = UInt8(Bytes.number(parts.first { $0.type == 3 }!.content))
                owners[Self.masked(parts.first { $0.type == 2 }!.content, length)] = key
            }
        }
        return 0
    }

    static func masked(_ address: some Sequence<UInt8>, _ length: UInt8) -> Prefix {
        let bytes = address.enumerated().map { index, byte in
            (0..<8).reduce(UInt8(0)) { $0 | (index * 8 + $1 < length ? byte & (0x80 >> UInt8($1)) : 0) }
        }
        return Prefix(address: bytes, length: length)
    }
}
