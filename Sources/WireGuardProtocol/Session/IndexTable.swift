internal import Synchronization

/// What the receiver index of an incoming packet stands for.
package struct IndexEntry: Sendable {
    package let peer: TunnelPeer
    /// Nil while the index belongs to an initiation that has not been answered.
    package let keypair: Keypair?
}

/// All receiver indices in use on an interface. Random, so that they tell nothing about sessions (the paper's
/// section 5.4.2, sender index).
///
/// A lock instead of snapshots: each handshake changes it, and a receive batch looks up once for each run of
/// packets of one session.
final class IndexTable: Sendable {
    private let entries = Mutex<[UInt32: IndexEntry]>([:])

    func find(_ index: UInt32) -> IndexEntry? { entries.withLock { $0[index] } }

    var sessionCount: Int { entries.withLock { $0.values.count { $0.keypair != nil } } }

    var count: Int { entries.withLock { $0.count } }

    /// A new index for an entry that is made when the index is known.
    func add(peer: TunnelPeer, entropy: Entropy) -> UInt32 {
        entries.withLock { entries in
            while true {
                let index = entropy.number()
                guard entries[index] == nil else { continue }
                entries[index] = IndexEntry(peer: peer, keypair: nil)
                return index
            }
        }
    }

    /// Turns the entry of a handshake into that of its session. Called under the lock of the peer's traffic, together
    /// with storing the session there: a thread that takes it from there removes the index after this, not before.
    func complete(_ index: UInt32, peer: TunnelPeer, with keypair: Keypair) {
        entries.withLock { $0[index] = IndexEntry(peer: peer, keypair: keypair) }
    }

    func remove(_ index: UInt32) { entries.withLock { _ = $0.removeValue(forKey: index) } }

    func remove(_ keypairs: [Keypair]) {
        guard !keypairs.isEmpty else { return }
        entries.withLock { entries in
            for keypair in keypairs { entries.removeValue(forKey: keypair.localIndex) }
        }
    }
}
