import Testing
import WireGuardEngine
import WireGuardProtocol

@Suite("Busy polling")
struct BusyPollTests {
    private static let longest = BusyPoll.longest.nanoseconds

    @Test("begins once packets have come one by one for some rounds, and not after a batch")
    func loneRounds() {
        let poll = Poll()
        #expect(!poll.begins(.at(1)))
        for _ in 0..<16 { poll.worked(on: 1) }
        #expect(poll.begins(.at(1)))
        // No packets: somebody changed the sockets.
        poll.worked(on: 0)
        #expect(poll.begins(.at(1)))
        poll.worked(on: 20)
        #expect(!poll.begins(.at(1)))
        for _ in 0..<15 { poll.worked(on: 2) }
        #expect(!poll.begins(.at(1)))
        poll.worked(on: 2)
        #expect(poll.begins(.at(1)))
    }

    @Test("never begins where it is not allowed")
    func notAllowed() {
        let poll = Poll(isAllowed: false)
        for _ in 0..<100 { poll.worked(on: 1) }
        #expect(!poll.begins(.at(1)))
    }

    @Test("ends after its time")
    func ends() {
        let poll = lonePoll()
        #expect(poll.goesOn(.at(1000), since: .at(0), last: .at(0)))
        #expect(poll.goesOn(.at(Self.longest - 1), since: .at(0), last: .at(1000)))
        #expect(!poll.goesOn(.at(Self.longest), since: .at(0), last: .at(1000)))
    }

    @Test("rests where others need the processor for long, and then begins again")
    func rests() {
        let poll = lonePoll()
        let back: UInt64 = 3_000_000
        #expect(!poll.goesOn(.at(back), since: .at(0), last: .at(10_000)))
        #expect(!poll.begins(.at(back + 1_000_000)))
        #expect(!poll.begins(.at(back + 240_000_000)))
        #expect(poll.begins(.at(back + 260_000_000)))
    }

    @Test(
        "spends at most a sixteenth of the time in vain, whatever the packets' distance",
        arguments: [51_000, 60_000, 100_000, 500_000, 5_000_000] as [UInt64])
    func bounded(distance: UInt64) {
        let poll = lonePoll()
        var now: UInt64 = 0
        var spent: UInt64 = 0
        while now < 2_000_000_000 {
            if poll.begins(.at(now)) {
                #expect(!poll.goesOn(.at(now + Self.longest), since: .at(now), last: .at(now + Self.longest - 500)))
                spent += Self.longest
            }
            now += distance
            poll.worked(on: 1)
        }
        #expect(spent <= now / 16 + 1_000_000 && spent > 0)
        // Rare packets are always waited for.
        if distance >= 1_000_000 { #expect(spent == now / distance * Self.longest) }
    }

    @Test("costs nothing of that while it finds something")
    func successful() {
        let poll = lonePoll()
        for round in 0..<100_000 as Range<UInt64> {
            #expect(poll.begins(.at(round * 20_000)))
            #expect(poll.goesOn(.at(round * 20_000 + 10_000), since: .at(round * 20_000), last: .at(round * 20_000)))
            poll.worked(on: 1)
        }
    }

    private func lonePoll() -> Poll {
        let poll = Poll()
        for _ in 0..<16 { poll.worked(on: 1) }
        return poll
    }
}

/// Of a reference, since `#expect` takes nothing that changes.
private final class Poll {
    private var poll: BusyPoll

    init(isAllowed: Bool = true) { poll = BusyPoll(isAllowed: isAllowed) }

    func worked(on packets: Int) { poll.worked(on: packets) }

    func begins(_ now: Instant) -> Bool { poll.begins(now) }

    func goesOn(_ now: Instant, since start: Instant, last: Instant) -> Bool {
        poll.goesOn(now, since: start, last: last)
    }
}

extension Instant {
    fileprivate static func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }
}
