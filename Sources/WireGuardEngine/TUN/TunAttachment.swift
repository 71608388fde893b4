internal import ByteText
internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import WireGuardModel

/// The queues that a program attaches to the TUN interface of a given name.
///
/// Normally the interface does not exist, and the first queue creates it. Two kinds that exist are taken all the same:
///
///   persistent     made by `ip tuntap add` for a program to come, with no queue attached
///   about to go    its program is ending, and takes the interface along: we wait until it is gone
///
/// All others are in use. A queue of ours must never join them: it would take a part of their packets.
struct TunAttachment {
    let queues: [CInt]
    let isPersistent: Bool
    /// Whether to set the MTU: the interface is new, or has the kernel's default of 1500.
    let needsMTU: Bool

    /// Nanoseconds to wait for an interface to go. The kernel takes some tens of milliseconds.
    private static let patience: UInt64 = 2_000_000_000
    private static let pauseMicroseconds: UInt32 = 10_000
    private static let kernelsMTU: UInt32 = 1500

    static func attach(to name: InterfaceName, queueCount: Int) throws(TunFailure) -> TunAttachment {
        let deadline = Clock.bootNanoseconds() + patience
        while true {
            if let queues = try create(name, queueCount) {
                return TunAttachment(queues: queues, isPersistent: false, needsMTU: true)
            }
            if let link = try look(for: name) {
                guard let tun = link.tun, !tun.isTap else { throw .nameTaken(name) }
                if let queues = try join(name, tun, queueCount) {
                    return TunAttachment(queues: queues, isPersistent: true, needsMTU: link.mtu == kernelsMTU)
                }
            }
            guard Clock.bootNanoseconds() < deadline else { throw .nameTaken(name) }
            Clock.sleep(microseconds: pauseMicroseconds)
        }
    }

    private static func look(for name: InterfaceName) throws(TunFailure) -> LinkMessage? {
        do throws(Errno) {
            var socket = try LinkSocket()
            return try socket.find(name)
        } catch {
            throw .other(name, error)
        }
    }

    /// The queues of a new interface; nil if one of that name exists.
    private static func create(_ name: InterfaceName, _ count: Int) throws(TunFailure) -> [CInt]? {
        try open(name, count, flags: IFF_TUN_EXCL | (count > 1 ? IFF_MULTI_QUEUE : 0))
    }

    /// Attaches to a persistent interface without queues, one queue unless it is multi-queue; nil for any other.
    private static func join(_ name: InterfaceName, _ tun: TunTraits, _ count: Int) throws(TunFailure) -> [CInt]? {
        guard tun.isPersistent, tun.queueCount == 0 else { return nil }
        return tun.hasManyQueues ? try open(name, count, flags: IFF_MULTI_QUEUE) : try open(name, 1, flags: 0)
    }

    /// Attaches `count` queues; nil if another program uses the interface. `flags` are those of the first queue.
    private static func open(_ name: InterfaceName, _ count: Int, flags: CInt) throws(TunFailure) -> [CInt]? {
        var queues: [CInt] = []
        do throws(TunFailure) {
            queues.append(try openTun(name))
            // The kernel replaces the pattern by the name.
            let flags = flags | IFF_TUN | IFF_NO_PI | IFF_VNET_HDR
            guard let name = try attach(queues[0], to: name, flags) else {
                close(queues[0])
                return nil
            }
            while queues.count < count {
                queues.append(try openTun(name))
                let attached = try attach(queues[queues.count - 1], to: name, flags & ~IFF_TUN_EXCL)
                if attached == nil { throw .nameTaken(name) }
            }
        } catch {
            for queue in queues { close(queue) }
            throw error
        }
        return queues
    }

    private static func openTun(_ name: InterfaceName) throws(TunFailure) -> CInt {
        do throws(Errno) {
            return try syscall { Glibc.open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC) }
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR: throw .noDeviceFile
            case ENODEV, ENXIO: throw .noModule
            case EACCES, EPERM: throw .noPermission
            default: throw .other(name, error)
            }
        }
    }

    /// The name that the interface got; nil if an interface of that name exists and cannot be taken.
    private static func attach(
        _ tun: CInt, to name: InterfaceName, _ flags: CInt
    ) throws(TunFailure) -> InterfaceName? {
        do throws(Errno) {
            return try withCName(name) { (name) throws(Errno) in
                _ = try syscall { clinux_tun_attach(tun, name, flags) }
                return InterfaceName(ByteString(cString: name))
            }
        } catch {
            switch error.code {
            case EBUSY, EEXIST: return nil
            case EPERM, EACCES: throw .noPermission
            default: throw .other(name, error)
            }
        }
    }
}
