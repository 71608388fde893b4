internal import CLinux

/// Work that the kernel leaves to us on a TUN device, and takes from us in return: packets without
/// checksums, and large ones that stand for many.
package struct TunOffloads: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let checksum = TunOffloads(rawValue: UInt32(TUN_F_CSUM))
    /// TCP of both families, its congestion marks included.
    package static let tcp = TunOffloads(rawValue: UInt32(TUN_F_TSO4) | UInt32(TUN_F_TSO6) | UInt32(TUN_F_TSO_ECN))
    /// UDP of both families, since Linux 6.2.
    package static let udp = TunOffloads(rawValue: UInt32(CLINUX_TUN_F_USO4 | CLINUX_TUN_F_USO6))

    package static let all: TunOffloads = [.checksum, .tcp, .udp]

    /// From the most to the least that can be asked for: segments without checksums make no sense.
    static let choices: [TunOffloads] = [.all, [.checksum, .tcp], .checksum, []]
}

extension TunOffloads: CustomStringConvertible {
    package var description: String {
        let names = [(TunOffloads.checksum, "checksums"), (.tcp, "TCP segmentation"), (.udp, "UDP segmentation")]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
