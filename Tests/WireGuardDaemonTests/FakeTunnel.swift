import Glibc
import LinuxSystem
import Synchronization
import WireGuardDaemon
import WireGuardKeys
import WireGuardModel

/// A tunnel that only remembers what it was told.
final class FakeTunnel: TunnelControl {
    private let state: Mutex<State>

    struct State {
        var device: Device
        var updates: [DeviceUpdate] = []
    }

    /// A listen port that somebody else has.
    static let takenPort: UInt16 = 1

    init(_ name: String = "wg0", peers: Int = 0) {
        var device = Device(name: InterfaceName(.init(name)))
        device.peers = (0..<peers).map { Peer(publicKey: PublicKey(number: UInt32($0))) }
        state = Mutex(State(device: device))
    }

    var updates: [DeviceUpdate] { state.withLock { $0.updates } }

    func device() -> Device { state.withLock { $0.device } }

    func apply(_ update: DeviceUpdate) throws(Errno) {
        try state.withLock { (state) throws(Errno) in
            guard update.listenPort != Self.takenPort else { throw Errno(EADDRINUSE) }
            state.updates.append(update)
            state.device.take(update)
        }
    }
}

extension Device {
    fileprivate mutating func take(_ update: DeviceUpdate) {
        switch update.privateKey {
        case .set(let key): privateKey = key
        case .clear: privateKey = nil
        case nil: break
        }
        listenPort = update.listenPort ?? listenPort
        fwmark = update.fwmark ?? fwmark
        if update.replacePeers { peers = [] }
        var places = Dictionary(uniqueKeysWithValues: peers.enumerated().map { ($1.publicKey, $0) })
        for change in update.peers where !change.remove {
            let place = places[change.publicKey] ?? peers.count
            if place == peers.count { peers.append(Peer(publicKey: change.publicKey)) }
            places[change.publicKey] = place
            peers[place].persistentKeepalive = change.persistentKeepalive ?? peers[place].persistentKeepalive
            for prefix in change.allowedIPs { peers[place].allowedIPs.append(prefix.allowedIP) }
        }
        let removed = Set(update.peers.filter(\.remove).map(\.publicKey))
        if !removed.isEmpty { peers.removeAll { removed.contains($0.publicKey) } }
    }
}

extension PublicKey {
    /// One of many.
    init(number: UInt32) {
        self.init(bytes: KeyBytes { $0 < 4 ? UInt8(truncatingIfNeeded: number >> UInt32($0 * 8)) : 0x77 })
    }
}
