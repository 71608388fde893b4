import Testing
import WireGuardEngine

@Suite("Rounds of a worker")
struct RoundTests {
    @Test("after small frames in numbers a pause pays", arguments: [4, 5, 256])
    func dense(frames: Int) { #expect(round(frames: frames, packets: frames).isWorthPause) }

    @Test("a lone packet, and a few, are followed by none", arguments: 0..<4)
    func lone(frames: Int) { #expect(!round(frames: frames, packets: frames).isWorthPause) }

    @Test("a stream waits for no pause, nor does what comes in")
    func stream() {
        #expect(!round(frames: 4, packets: 160).isWorthPause)
        #expect(!round(frames: 20, packets: 20, incoming: 1).isWorthPause)
        #expect(!round(frames: 0, packets: 0, incoming: 64).isWorthPause)
    }

    @Test("all packets count") func all() { #expect(round(frames: 2, packets: 90, incoming: 64).packets == 154) }

    private func round(frames: Int, packets: Int, incoming: Int = 0) -> Round {
        var round = Round()
        (round.framesOut, round.packetsOut, round.packetsIn) = (frames, packets, incoming)
        return round
    }
}
