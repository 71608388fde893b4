internal import ByteText
internal import CLinux
internal import Glibc
internal import LinuxSystem
package import WireGuardModel

/// A TUN interface: packets that the system routes into it are read from its queues, and what is written to them
/// arrives on the system. It goes with its last descriptor, unless somebody made it persistent.
package final class TunDevice: Sendable {
    /// As the kernel gave it; the interface may be renamed later.
    package let name: InterfaceName
    /// Owned by the device: valid as long as it lives. A flow stays on one queue.
    package let queues: [TunQueue]
    /// What the kernel agreed to.
    package let offloads: TunOffloads

    /// Of a new interface: what is left of an Ethernet frame behind the headers of IPv6, UDP and a data message.
    package static let defaultMTU: CInt = 1420

    /// Creates the interface. A name with `%d' in it is none here, though the kernel would number it.
    ///
    /// `offloads` are asked for, all of them or none, and what is refused is told to `log` once.
    package init(
        creating name: InterfaceName, queueCount: Int = 1, offloads wanted: TunOffloads = .all, log: (String) -> Void
    ) throws(TunFailure) {
        guard Self.isUsable(name) else { throw .badName(name) }
        precondition(queueCount > 0)
        var tuns: [CInt] = []
        do throws(TunFailure) {
            for index in 0..<queueCount {
                tuns.append(try Self.openTun(name))
                try Self.attach(tuns[index], to: name, isFirst: index == 0, isOnly: queueCount == 1)
            }
            self.name = try Self.interface(of: tuns[0]).name
            offloads = try Self.agree(on: wanted, tuns[0], name, log)
            try Self.setDefaultMTU(name)
        } catch {
            for tun in tuns { close(tun) }
            throw error
        }
        queues = tuns.map { TunQueue($0) }
    }

    /// Takes over a descriptor that was inherited, as the only queue: attached to an interface with IFF_TUN and
    /// IFF_NO_PI, the latter of which nobody can check. On failure it stays open.
    ///
    /// Its interface keeps its MTU. One without IFF_VNET_HDR cannot get it any more and goes without offloads.
    package init(adopting descriptor: CInt, offloads wanted: TunOffloads = .all, log: (String) -> Void)
        throws(TunFailure)
    {
        let (name, flags) = try Self.interface(of: descriptor)
        // TUNGETIFF sets the bit of IFF_NO_PI (for IFF_NOFILTER) whether it was there or not.
        guard flags & IFF_TUN != 0 else { throw .wrongKind(descriptor: descriptor) }
        try Self.prepare(adopted: descriptor, name)
        let hasHeaders = flags & IFF_VNET_HDR != 0
        if !hasHeaders, !wanted.isEmpty { log("Interface \(name) was opened without IFF_VNET_HDR: no offloads") }
        offloads = hasHeaders ? try Self.agree(on: wanted, descriptor, name, log) : []
        self.name = name
        queues = [TunQueue(descriptor, hasHeaders: hasHeaders)]
    }

    deinit { for queue in queues { close(queue.raw) } }

    /// What the kernel takes (dev_valid_name), less what it treats as a pattern.
    package static func isUsable(_ name: InterfaceName) -> Bool {
        let bytes = name.text.bytes
        guard 1...InterfaceName.longest ~= bytes.count, name.text != ".", name.text != ".." else { return false }
        return bytes.allSatisfy { 0x21...0x7e ~= $0 && !"/:%".utf8.contains($0) }
    }

    private static func openTun(_ name: InterfaceName) throws(TunFailure) -> CInt {
        do throws(Errno) {
            return try syscall { open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC) }
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR: throw .noDeviceFile
            case ENODEV, ENXIO: throw .noModule
            case EACCES, EPERM: throw .noPermission
            default: throw .other(name, error)
            }
        }
    }

    /// The first queue creates the interface, and must not join one of somebody else's.
    private static func attach(
        _ tun: CInt, to name: InterfaceName, isFirst: Bool, isOnly: Bool
    ) throws(TunFailure) {
        var flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR
        if isFirst { flags |= IFF_TUN_EXCL }
        if !isOnly { flags |= IFF_MULTI_QUEUE }
        do throws(Errno) {
            try withCName(name) { (name) throws(Errno) in
                _ = try syscall { clinux_tun_attach(tun, name, flags) }
            }
        } catch {
            switch error.code {
            case EBUSY, EEXIST: throw .nameTaken(name)
            case EPERM, EACCES: throw .noPermission
            default: throw .other(name, error)
            }
        }
    }

    private static func interface(of tun: CInt) throws(TunFailure) -> (name: InterfaceName, flags: CInt) {
        var flags: CInt = 0
        do throws(Errno) {
            let name = try withCName(InterfaceName("")) { (name) throws(Errno) in
                try syscall { clinux_tun_interface(tun, name, &flags) }
                return InterfaceName(ByteString(cString: name))
            }
            return (name, flags)
        } catch {
            throw .notTun(descriptor: tun)
        }
    }

    private static func prepare(adopted tun: CInt, _ name: InterfaceName) throws(TunFailure) {
        do throws(Errno) {
            let flags = try syscall { fcntl(tun, F_GETFL) }
            try syscall { fcntl(tun, F_SETFL, flags | O_NONBLOCK) }
            try syscall { fcntl(tun, F_SETFD, FD_CLOEXEC) }
        } catch {
            throw .other(name, error)
        }
    }

    /// Asks for less until the kernel agrees; to nothing it always does.
    private static func agree(
        on wanted: TunOffloads, _ tun: CInt, _ name: InterfaceName, _ log: (String) -> Void
    ) throws(TunFailure) -> TunOffloads {
        do throws(Errno) {
            try syscall { clinux_tun_set_header_size(tun, CInt(VirtioNetHeader.size)) }
        } catch {
            throw .other(name, error)
        }
        for choice in TunOffloads.choices where choice.isSubset(of: wanted) {
            guard clinux_tun_set_offloads(tun, choice.rawValue) != -1 else { continue }
            let refused = wanted.subtracting(choice)
            if !refused.isEmpty { log("Interface \(name) goes without \(refused)") }
            return choice
        }
        throw .other(name, .last)
    }

    private static func setDefaultMTU(_ name: InterfaceName) throws(TunFailure) {
        do throws(Errno) {
            try withCName(name) { (name) throws(Errno) in _ = try syscall { clinux_set_mtu(name, defaultMTU) } }
        } catch {
            throw .other(name, error)
        }
    }

    /// 16 bytes for the kernel to read a name from and to write one to.
    private static func withCName<Result>(
        _ name: InterfaceName, _ body: (UnsafeMutablePointer<CChar>) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        var bytes = InlineArray<16, CChar>(repeating: 0)
        for (index, byte) in name.text.bytes.enumerated() { bytes[index] = CChar(bitPattern: byte) }
        return try withUnsafeMutableBytes(of: &bytes) { (room) throws(Errno) in
            try body(room.baseAddress!.assumingMemoryBound(to: CChar.self))
        }
    }
}
