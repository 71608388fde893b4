import Testing
import WireGuardEngine

@Suite("Rounds of a worker")
struct RoundTests {
    @Test("after datagrams in numbers a pause pays", arguments: [4, 5, 256])
    func dense(count: Int) { #expect(round(packets: count, datagrams: count).isWorthPause) }

    @Test("a lone packet, and a few, are followed by none", arguments: 0..<4)
    func lone(count: Int) { #expect(!round(packets: count, datagrams: count).isWorthPause) }

    @Test("a stream waits for no pause, nor does what comes in")
    func stream() {
        #expect(!round(packets: 160, datagrams: 0).isWorthPause)
        #expect(!round(packets: 21, datagrams: 20).isWorthPause)
        #expect(!round(packets: 20, datagrams: 20, incoming: 1).isWorthPause)
        #expect(!round(packets: 0, datagrams: 0, incoming: 64).isWorthPause)
    }

    @Test("all packets count") func all() { #expect(round(packets: 90, datagrams: 2, incoming: 64).packets == 154) }

    private func round(packets: Int, datagrams: Int, incoming: Int = 0) -> Round {
        var round = Round()
        (round.packetsOut, round.datagramsOut, round.packetsIn) = (packets, datagrams, incoming)
        return round
    }
}
