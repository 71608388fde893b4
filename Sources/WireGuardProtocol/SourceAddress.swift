internal import Synchronization
internal import WireGuardModel

/// We answer a peer from the address that its last packet came to. This local address is part of its path. It is
/// dropped when nothing can be sent from it, when the peer does not answer, and when the route to the peer no longer
/// leaves by the interface that its packets come in by.
extension TunnelPeer {
    /// The path with a local address learned from the peer's packets, in use or refused; nil if there is none.
    package var pathOfLearnedSource: Path? {
        traffic.withLock { traffic in
            guard let path = traffic.path else { return nil }
            if path.local != nil { return path.interfaceIndex == 0 ? nil : path }
            guard let refused = traffic.refusedPath, refused.remote.address == path.remote.address else { return nil }
            return Path(to: path.remote, from: refused.local, interfaceIndex: refused.interfaceIndex)
        }
    }

    /// Allows the source of `path` to be learned: packets to the peer leave by its interface.
    package func acceptSource(of path: Path) {
        traffic.withLock { traffic in
            if let refused = traffic.refusedPath, refused.isSameWay(as: path) { traffic.refusedPath = nil }
        }
    }

    /// Leaves the choice of the source to the system: packets to the peer leave by another interface than that of
    /// `path`. Packets that the peer still sends to the old address do not restore it.
    package func refuseSource(of path: Path) {
        traffic.withLock { traffic in
            traffic.refusedPath = path
            if let current = traffic.path, current.isSameWay(as: path) { traffic.forgetSource() }
        }
    }

    /// Leaves the choice of the source to the system, since sending from the local address of `path` failed, unless the
    /// peer has another path by now.
    package func forgetSource(of path: Path) {
        traffic.withLock { traffic in
            if traffic.path == path { traffic.forgetSource() }
        }
    }
}

extension PeerTraffic {
    /// Learns the path of an authenticated packet of the peer.
    mutating func learn(_ path: Path) {
        guard self.path != path else { return }
        if let refusedPath, refusedPath.isSameWay(as: path) {
            self.path = Path(to: path.remote)
        } else {
            self.path = path
        }
    }

    mutating func forgetSource() {
        guard let remote = path?.remote else { return }
        path = Path(to: remote)
    }
}

extension Path {
    /// Whether both have the same two addresses and interface, whatever the port.
    fileprivate func isSameWay(as other: Path) -> Bool {
        local == other.local && interfaceIndex == other.interfaceIndex && remote.address == other.remote.address
    }
}
