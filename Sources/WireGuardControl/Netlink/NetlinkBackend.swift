internal import ByteText
internal import CLinux
internal import Glibc
package import LinuxNetlink
package import LinuxSystem
package import WireGuardModel

/// The kernel's own WireGuard interfaces, over generic netlink's family "wireguard".
package struct NetlinkBackend: DeviceBackend {
    /// Makes a connection to the kernel; the tests have one that plays the kernel.
    private let connect: @Sendable (_ bus: CInt) throws(Errno) -> any NetlinkTransport

    package init() {
        self.init { bus throws(Errno) in try NetlinkSocket(bus: bus) }
    }

    package init(connect: @escaping @Sendable (_ bus: CInt) throws(Errno) -> any NetlinkTransport) {
        self.connect = connect
    }

    package func list() throws(Errno) -> [InterfaceName] {
        var routes = RouteConversation(over: try connect(NETLINK_ROUTE))
        return try routes.links(kind: "wireguard").map(\.name)
    }

    package func get(_ name: InterfaceName) throws(Errno) -> Device {
        var wireGuard = try family()
        return try read(name, from: &wireGuard)
    }

    package func set(_ update: DeviceUpdate) throws(Errno) {
        var wireGuard = try family()
        do throws(Errno) {
            try send(update, to: &wireGuard)
        } catch {
            guard error == .invalidArgument, update.peers.contains(where: IncrementalAllowedIPs.isNeeded) else {
                throw error
            }
            try sendReplacing(update, to: &wireGuard)
        }
    }

    private func family() throws(Errno) -> GenericNetlink {
        try GenericNetlink(family: "wireguard", version: UInt8(WG_GENL_VERSION), over: connect(NETLINK_GENERIC))
    }

    private func read(_ name: InterfaceName, from wireGuard: inout GenericNetlink) throws(Errno) -> Device {
        guard name.text.count <= InterfaceName.longest else { throw .noDevice }
        var request = wireGuard.request(UInt32(WG_CMD_GET_DEVICE.rawValue), flags: NLM_F_DUMP)
        guard request.put(WGDEVICE_A_IFNAME.rawValue, text: name.text) else { throw .nameTooLong }
        var dump = DeviceDump(of: name)
        let isWhole = try wireGuard.dump(&request) {
            dump = DeviceDump(of: name)
        } _: { message throws(Errno) in
            try dump.take(message)
        }
        if !isWhole { dump.keepEachPeerOnce() }
        return dump.device
    }

    private func send(_ update: DeviceUpdate, to wireGuard: inout GenericNetlink) throws(Errno) {
        guard update.name.text.count <= InterfaceName.longest else { throw .noDevice }
        var messages = DeviceUpdateMessages(update)
        while !messages.isDone {
            var message = wireGuard.request(UInt32(WG_CMD_SET_DEVICE.rawValue), flags: 0)
            try messages.write(to: &message)
            try wireGuard.send(&message)
        }
    }

    /// Peer by peer: what one peer gains another may lose, so each is edited as it is by then.
    private func sendReplacing(_ update: DeviceUpdate, to wireGuard: inout GenericNetlink) throws(Errno) {
        var part = update
        part.peers = []
        for peer in update.peers {
            guard IncrementalAllowedIPs.isNeeded(by: peer) else {
                part.peers.append(peer)
                continue
            }
            part.peers.append(IncrementalAllowedIPs.additions(of: peer))
            try send(part, to: &wireGuard)
            part = DeviceUpdate(name: update.name)
            let device = try read(update.name, from: &wireGuard)
            if let replacement = IncrementalAllowedIPs.replacement(for: peer, on: device) {
                part.peers = [replacement]
            }
        }
        try send(part, to: &wireGuard)
    }
}
