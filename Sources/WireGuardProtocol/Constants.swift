/// The protocol's limits, most of them from the paper's section 6.1.
package enum Limits {
    // MARK: Sessions

    /// From this many messages on a session is to be replaced.
    package static let rekeyAfterMessages: UInt64 = 1 << 60
    /// No counter reaches this one: a window's width short of all that there are.
    package static let rejectAfterMessages: UInt64 = .max - (1 << 13)
    /// The initiator of a session this old replaces it when it sends.
    package static let rekeyAfterTime = Instant.Interval.seconds(120)
    /// Nothing is sent or accepted under a session this old.
    package static let rejectAfterTime = Instant.Interval.seconds(180)
    /// The initiator of a session this old replaces it when it receives: `rejectAfterTime` less one keepalive
    /// and one retry (section 6.2).
    package static let renewReceivingAfter = Instant.Interval.seconds(165)
    /// Keys are forgotten when there have been no new ones for so long: three times `rejectAfterTime` (section 6.3).
    package static let zeroKeysAfter = Instant.Interval.seconds(540)

    // MARK: Handshakes

    /// An initiation without answer is repeated after this and a random time below `rekeyTimeoutJitter`.
    package static let rekeyTimeout = Instant.Interval.seconds(5)
    package static let rekeyTimeoutJitter = Instant.Interval.milliseconds(333)
    /// For so long initiations are repeated after the last packet that wanted a session.
    package static let rekeyAttemptTime = Instant.Interval.seconds(90)
    /// A peer's initiations are not answered more often than this: 20 a second.
    package static let initiationInterval = Instant.Interval.milliseconds(50)

    // MARK: Silence

    /// Who received data and has sent nothing for so long sends a keepalive.
    package static let keepaliveTimeout = Instant.Interval.seconds(10)

    // MARK: Load

    /// The interface is under load once this many handshake messages wait.
    package static let handshakesUnderLoad = 256
    /// The interface stays under load for this long after.
    static let loadLasts = Instant.Interval.seconds(1)
    /// For so long cookies are made from one secret (section 5.4.7).
    package static let cookieLifetime = Instant.Interval.seconds(120)
    /// For so long a cookie is used: a little less, for it was some time on the way.
    package static let cookieUse = Instant.Interval.seconds(115)
    /// The mean time between handshake messages of one source under load: 20 a second.
    package static let handshakeInterval = Instant.Interval.milliseconds(50)
    /// So many handshake messages of one source may come at once.
    package static let handshakeBurst: UInt64 = 5
}
