import TestSupport
import Testing
import WireGuardProtocol

@Suite("Replay window")
struct ReplayWindowTests {
    @Test(
        "the truth table: counters in a row, and whether each is accepted",
        arguments: [
            // In order, again, and with gaps.
            ([(0, true), (1, true), (1, false), (9, true), (8, true), (7, true), (7, false), (0, false)]),
            // The first may be any.
            ([(5000, true), (0, true), (0, false), (5000, false), (4999, true)]),
            // The edge: 8128 counters reach back from the greatest, itself included.
            ([(8128, true), (0, false), (1, true), (1, false), (8127, true)]),
            ([(8127, true), (0, true), (8128, true), (0, false), (1, true)]),
            ([(100_000, true), (91_872, false), (91_873, true), (91_873, false), (91_871, false)]),
            // Far leaps empty the window, also by whole rings.
            ([(1, true), (8193, true), (8192, true), (1, false), (16_385, true), (8193, false), (8258, true)]),
            ([
                (63, true), (64, true), (8255, true), (8256, true), (64, false), (8255, false), (128, false),
                (129, true),
            ]),
            ([(3, true), (1 << 40, true), (3, false), ((1 << 40) - 8127, true), ((1 << 40) - 8128, false)]),
            // The last that the protocol allows.
            ([(18_446_744_073_709_543_422, true), (18_446_744_073_709_543_423, false), (UInt64.max, false)]),
            ([(UInt64.max - 1, false), (0, true)]),
        ] as [[(UInt64, Bool)]])
    func truthTable(_ rows: [(UInt64, Bool)]) {
        var window = ReplayWindow()
        for (counter, isAccepted) in rows { #expect(window.accept(counter) == isAccepted, "\(counter) of \(rows)") }
    }

    @Test("agrees with a set that remembers everything")
    func naiveTwin() {
        for seed in Rounds.usual(40) {
            var dice = SeededRandom(UInt64(seed))
            var window = ReplayWindow()
            var seen: Set<UInt64> = []
            var greatest: UInt64 = 0
            var around: UInt64 = dice.number() >> 2
            for _ in 0..<4000 {
                if dice.once(in: 50) { around += dice.number() >> UInt64(40 + dice.below(20)) }
                let reach = dice.pick([3, 70, 9000])
                let counter = around + UInt64(dice.below(reach))
                let isRecent = counter > greatest || greatest - counter < ReplayWindow.size
                let expected = isRecent && !seen.contains(counter)
                #expect(window.accept(counter) == expected, "seed \(seed), counter \(counter)")
                if expected { seen.insert(counter) }
                greatest = max(greatest, expected ? counter : 0)
            }
        }
    }
}
