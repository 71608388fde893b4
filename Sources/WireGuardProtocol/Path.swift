package import WireGuardModel

/// The outer way to a peer: where it is, and from which of our addresses it is reached.
///
/// Learned from authenticated packets (roaming, the paper's section 2.1), or the endpoint that was configured.
package struct Path: Hashable, Sendable, BitwiseCopyable {
    package var remote: Endpoint
    /// Our address that the peer's last packet came to; nil where the system shall choose.
    package var local: IPAddress?
    /// The interface that it came in by; 0 where the system shall choose.
    package var interfaceIndex: UInt32

    package init(to remote: Endpoint, from local: IPAddress? = nil, interfaceIndex: UInt32 = 0) {
        (self.remote, self.local, self.interfaceIndex) = (remote, local, interfaceIndex)
    }
}
