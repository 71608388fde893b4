internal import Synchronization
internal import WireGuardModel

/// A peer is answered from the address that its last packet came to. This local address is part of its path. It is
/// given up when nothing can be sent from it, when the peer does not answer, and when routes no longer lead out by
/// the interface that the peer's packets come in by.
extension TunnelPeer {
    /// A path with a local address that was learned from the peer's packets, in use or refused; nil if there is none.
    package var pathOfLearnedSource: Path? {
        traffic.withLock { traffic in
            guard let path = traffic.path else { return nil }
            if path.local != nil { return path.interfaceIndex == 0 ? nil : path }
            guard let refused = traffic.refusedPath, refused.remote.address == path.remote.address else { return nil }
            return Path(to: path.remote, from: refused.local, interfaceIndex: refused.interfaceIndex)
        }
    }

    /// Packets to the peer leave by the interface of `path`: its source may be learned.
    package func acceptSource(of path: Path) {
        traffic.withLock { traffic in
            if let refused = traffic.refusedPath, refused.isSameWay(as: path) { traffic.refusedPath = nil }
        }
    }

    /// Packets to the peer leave by another interface than that of `path`: the system is to choose their source. What
    /// the peer still sends to the old address does not bring it back.
    package func refuseSource(of path: Path) {
        traffic.withLock { traffic in
            traffic.refusedPath = path
            if let current = traffic.path, current.isSameWay(as: path) { traffic.forgetSource() }
        }
    }

    /// Nothing could be sent from the local address of `path`. The system is to choose one, unless the peer has
    /// another path by now.
    package func forgetSource(of path: Path) {
        traffic.withLock { traffic in
            if traffic.path == path { traffic.forgetSource() }
        }
    }
}

extension PeerTraffic {
    /// An authenticated packet of the peer came by this path.
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
    /// Whether both join the same two addresses by the same interface, whatever the port.
    fileprivate func isSameWay(as other: Path) -> Bool {
        local == other.local && interfaceIndex == other.interfaceIndex && remote.address == other.remote.address
    }
}
