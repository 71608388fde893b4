/// A peer's sessions: the one in use, the one before it, whose packets may still be on their way, and one that
/// its initiator has not confirmed yet by using it (the paper's section 6.3).
struct KeypairSlots {
    private(set) var previous: Keypair?
    private(set) var current: Keypair?
    private(set) var next: Keypair?

    /// A session that we initiated: the answer has shown that the peer has it too. Returns those that go.
    mutating func installAsInitiator(_ keypair: Keypair) -> [Keypair] {
        var gone = [previous]
        if let next {
            // The peer had begun one of its own at the same time; it may send with it.
            gone.append(current)
            previous = next
        } else {
            previous = current
        }
        next = nil
        current = keypair
        return gone.compactMap { $0 }
    }

    /// A session that the peer initiated: it is used once the peer's first packet under it has come.
    mutating func installAsResponder(_ keypair: Keypair) -> [Keypair] {
        let gone = [next, previous]
        next = keypair
        previous = nil
        return gone.compactMap { $0 }
    }

    /// A packet under the next session has come. False when `keypair` is not that one. Adds the one that goes.
    mutating func confirm(_ keypair: Keypair, gone: inout [Keypair]) -> Bool {
        guard let next, next === keypair else { return false }
        if let previous { gone.append(previous) }
        previous = current
        current = next
        self.next = nil
        return true
    }

    /// Stops sending under the sessions of our old private key. Messages that the peer sends under the current one are
    /// accepted until it expires, for only the next handshake tells the peer of the change. Returns the sessions that
    /// are dropped.
    mutating func stopSending() -> [Keypair] {
        let gone = current == nil ? [next] : [previous, next]
        if let current { previous = current }
        (current, next) = (nil, nil)
        return gone.compactMap { $0 }
    }

    mutating func removeAll() -> [Keypair] {
        defer { self = KeypairSlots() }
        return [previous, current, next].compactMap { $0 }
    }
}
