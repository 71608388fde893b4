/// A peer's timers, in the order in which they are served if due at the same moment.
enum PeerTimer: Int, CaseIterable {
    /// The keys of old sessions, and the state of an unanswered handshake, are forgotten.
    case zeroKeys
    /// A session of the peer's own handshake is in use: erases our unanswered initiation and its ephemeral key.
    case forgetInitiation
    /// An initiation was not answered. Responses to it are accepted while this is set and not yet due.
    case retransmitInitiation
    /// The peer is silent although we sent it data: the session may be dead.
    case newHandshake
    /// Somebody wants a session.
    case initiate
    /// The peer sent data, and we had nothing to send back.
    case keepalive
    /// The interval that was configured is over.
    case persistentKeepalive
}

/// A deadline for each timer, `never` for those that are not set.
struct TimerTable {
    private var deadlines = InlineArray<7, Instant>(repeating: .never)

    subscript(timer: PeerTimer) -> Instant {
        get { deadlines[timer.rawValue] }
        set { deadlines[timer.rawValue] = newValue }
    }

    func isSet(_ timer: PeerTimer) -> Bool { self[timer] != .never }

    mutating func cancel(_ timer: PeerTimer) { self[timer] = .never }

    /// Whether a timer's time has come; it is then no longer set.
    mutating func take(_ timer: PeerTimer, due now: Instant) -> Bool {
        guard self[timer] <= now else { return false }
        cancel(timer)
        return true
    }

    /// The next moment at which there is something to do.
    var earliest: Instant {
        var earliest = deadlines[0]
        for index in 1..<deadlines.count where deadlines[index] < earliest { earliest = deadlines[index] }
        return earliest
    }
}
