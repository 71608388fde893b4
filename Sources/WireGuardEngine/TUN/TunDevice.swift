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
    /// Whether the interface stays when its last descriptor is closed.
    private let isPersistent: Bool

    /// MAX_TAP_QUEUES of the kernel.
    package static let mostQueues = 256

    /// Of a new interface: what is left of an Ethernet frame behind the headers of IPv6, UDP and a data message.
    package static let defaultMTU: CInt = 1420

    /// Creates the interface, or takes a persistent one without queues (`ip tuntap add`): see `TunAttachment`. The
    /// kernel replaces `%d` in the name by a number.
    ///
    /// `offloads` are asked for, all of them or none, and what is refused is told to `log` once.
    package init(
        creating name: InterfaceName, queueCount: Int = 1, offloads wanted: TunOffloads = .all, log: (String) -> Void
    ) throws(TunFailure) {
        guard Self.isUsable(name) || Self.isPattern(name) else { throw .badName(name) }
        precondition(queueCount > 0)
        let attachment = try TunAttachment.attach(to: name, queueCount: min(queueCount, Self.mostQueues))
        do throws(TunFailure) {
            let (name, _) = try Self.interface(of: attachment.queues[0])
            self.name = name
            offloads = try Self.agree(on: wanted, attachment.queues[0], name, log)
            if attachment.needsMTU { try Self.setDefaultMTU(name, mustSucceed: !attachment.isPersistent) }
        } catch {
            for queue in attachment.queues { close(queue) }
            throw error
        }
        isPersistent = attachment.isPersistent
        queues = attachment.queues.map { TunQueue($0) }
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
        isPersistent = flags & IFF_PERSIST != 0
        queues = [TunQueue(descriptor, hasHeaders: hasHeaders)]
    }

    deinit { for queue in queues { close(queue.raw) } }

    /// Resets the offloads of a persistent interface: the next program that takes it may not handle GSO packets or
    /// partial checksums. Call it after the last read.
    package func release() {
        if isPersistent { _ = clinux_tun_set_offloads(queues[0].raw, 0) }
    }

    /// What the kernel takes (dev_valid_name), less what it treats as a pattern.
    package static func isUsable(_ name: InterfaceName) -> Bool {
        let bytes = name.text.bytes
        guard 1...InterfaceName.longest ~= bytes.count, name.text != ".", name.text != ".." else { return false }
        return bytes.allSatisfy { 0x21...0x7e ~= $0 && !"/:%".utf8.contains($0) }
    }

    /// Whether it is a name with one `%d`, for which the kernel finds the first free number (dev_alloc_name).
    package static func isPattern(_ name: InterfaceName) -> Bool {
        let bytes = name.text.bytes
        guard let percent = bytes.firstIndex(of: UInt8(ascii: "%")), bytes[percent...].starts(with: "%d".utf8)
        else { return false }
        let number = Array("0".utf8)
        return bytes.count <= InterfaceName.longest
            && isUsable(InterfaceName(ByteString(bytes[..<percent] + number + bytes[(percent + 2)...])))
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

    /// Sets the MTU. A user who may attach to a persistent interface may lack the right to change it.
    private static func setDefaultMTU(_ name: InterfaceName, mustSucceed: Bool) throws(TunFailure) {
        do throws(Errno) {
            try withCName(name) { (name) throws(Errno) in _ = try syscall { clinux_set_mtu(name, defaultMTU) } }
        } catch {
            if mustSucceed { throw .other(name, error) }
        }
    }
}

/// Passes the name in a buffer of 16 bytes (IFNAMSIZ), which the kernel may also write a name to.
func withCName<Result>(
    _ name: InterfaceName, _ body: (UnsafeMutablePointer<CChar>) throws(Errno) -> Result
) throws(Errno) -> Result {
    var bytes = InlineArray<16, CChar>(repeating: 0)
    for (index, byte) in name.text.bytes.enumerated() { bytes[index] = CChar(bitPattern: byte) }
    return try withUnsafeMutableBytes(of: &bytes) { (room) throws(Errno) in
        try body(room.baseAddress!.assumingMemoryBound(to: CChar.self))
    }
}
