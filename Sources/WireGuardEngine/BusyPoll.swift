package import WireGuardProtocol

/// Whether a worker that has nothing to do looks for more a moment longer, instead of going to sleep.
///
/// To wake a thread, and the processor under it, takes longer than all else that a lone packet meets on its way. So
/// where packets come one by one, a worker looks on: the answer, or the next question, is often on its way. Where
/// they come in batches, sleep does no harm: the next batch only grows.
///
/// What it costs is bounded. The worker gives its processor to whoever wants it after each look, and if it then has to
/// wait long, rests for a while. Of its time it spends no more than a sixteenth looking in vain.
package struct BusyPoll: BitwiseCopyable {
    private var isAllowed: Bool
    /// Rounds since the last one with many packets.
    private var loneRounds = 0
    private var restsUntil = Instant(nanoseconds: 0)
    /// How long it may still look in vain, as of `creditMoment`.
    private var credit = BusyPoll.mostCredit
    private var creditMoment = Instant(nanoseconds: 0)

    /// It looks no longer for one packet.
    package static let longest = Instant.Interval(nanoseconds: 50_000)
    /// More packets in a round are no lone ones.
    private static let fewPackets = 2
    /// So many rounds tell that packets come one by one.
    private static let fewRounds = 16
    /// Somebody who needs the processor for longer has work to do, and is no other end of a conversation.
    private static let longestTurn = Instant.Interval(nanoseconds: 500_000)
    private static let rest = Instant.Interval.milliseconds(250)
    private static let mostCredit = Instant.Interval.milliseconds(1)
    /// This part of all time may be spent in vain.
    private static let creditShare: UInt64 = 16

    package init(isAllowed: Bool) { self.isAllowed = isAllowed }

    /// A round of work has ended.
    package mutating func worked(on packets: Int) {
        if packets > Self.fewPackets {
            loneRounds = 0
        } else if packets > 0 {
            loneRounds = min(loneRounds + 1, Self.fewRounds)
        }
    }

    /// Whether to look on, now that there is nothing to do.
    package mutating func begins(_ now: Instant) -> Bool {
        guard isAllowed, loneRounds == Self.fewRounds, now >= restsUntil else { return false }
        let earned = now.since(creditMoment).nanoseconds / Self.creditShare
        credit = min(Self.mostCredit, Instant.Interval(nanoseconds: credit.nanoseconds + earned))
        creditMoment = now
        return credit >= Self.longest
    }

    /// Whether to look once more, after a look that found nothing and the others' turn. `start` is when it began, and
    /// `last` the moment of the look before.
    package mutating func goesOn(_ now: Instant, since start: Instant, last: Instant) -> Bool {
        if now.since(last) > Self.longestTurn { restsUntil = now + Self.rest }
        guard now.since(start) >= Self.longest else { return true }
        // Time that others had is not spent.
        credit.nanoseconds -= min(credit.nanoseconds, Self.longest.nanoseconds)
        return false
    }
}
