internal import ByteText
internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import WireGuardModel

/// The queues that a program gets of the TUN interface of some name.
///
/// Normally the interface does not exist, and the first queue makes it. Two that exist are taken all the same:
///
///   persistent     made by `ip tuntap add` for a program to come, with no queue attached
///   about to go    its program is ending, and takes the interface along: we wait until it is gone
///
/// All others belong to somebody. A queue must never join theirs, which would take a part of their packets away.
struct TunAttachment {
    let queues: [CInt]
    let isPersistent: Bool
    /// Nobody has chosen an MTU yet: the interface is new or has that of every new TUN interface.
    let needsMTU: Bool

    /// Nanoseconds for an interface to go. The kernel takes some tens of milliseconds.
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

    /// A new interface; nil where there is one of the name.
    private static func create(_ name: InterfaceName, _ count: Int) throws(TunFailure) -> [CInt]? {
        try open(name, count, flags: IFF_TUN_EXCL | (count > 1 ? IFF_MULTI_QUEUE : 0))
    }

    /// Queues of an interface that waits for a program, a single one if it was made for one; nil if it waits for nobody.
    private static func join(_ name: InterfaceName, _ tun: TunTraits, _ count: Int) throws(TunFailure) -> [CInt]? {
        guard tun.isPersistent, tun.queueCount == 0 else { return nil }
        return tun.hasManyQueues ? try open(name, count, flags: IFF_MULTI_QUEUE) : try open(name, 1, flags: 0)
    }

    /// Attaches so many queues; nil where the interface is somebody else's. `flags` are those of the first one.
    private static func open(_ name: InterfaceName, _ count: Int, flags: CInt) throws(TunFailure) -> [CInt]? {
        var queues: [CInt] = []
        do throws(TunFailure) {
            queues.append(try openTun(name))
            // The kernel writes the number into a pattern.
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

    /// The name that the interface got; nil where there is one of the name that is not to be had.
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
