import TestSupport
import Testing

@testable import WireGuardEngine

@Suite("Coalescer and segmenter")
struct TUNRoundTripTests {
    /// Flow tables large enough that no two of a few flows share a place.
    private static let capacity = 1 << 15

    @Test("random flows are joined as the naive twin joins them, and cut they are what they were")
    func twin() {
        var coalescer = Coalescer(offloads: .all, maxPackets: Self.capacity)
        var joined = 0
        for round in Rounds.usual(100) {
            var streams = PacketStreams(seed: UInt64(round))
            for _ in 0..<3 {
                let packets = streams.batch(of: 1 + round % 130)
                let recorder = FrameRecorder()
                #expect(
                    coalescer.write(packets.map(\.bytes), to: recorder) == Coalescer.Outcome(written: packets.count))
                let groups = recorder.frames.map { segments(of: $0) ?? [] }
                let expected = NaiveCoalescer.groups(of: packets)
                #expect(groups.map(\.count) == expected.map(\.count), "round \(round)")
                #expect(
                    groups.map { $0.map(NaiveCoalescer.withoutIdentification) }
                        == expected.map { $0.map { NaiveCoalescer.withoutIdentification($0.bytes) } }, "round \(round)")
                joined += groups.count { $0.count > 1 }
            }
        }
        #expect(joined > 300)
    }

    @Test("flows that share places in a small table lose nothing")
    func smallTable() {
        for round in Rounds.usual(100) {
            var coalescer = Coalescer(offloads: .all, maxPackets: 8)
            var streams = PacketStreams(seed: UInt64(round))
            let packets = streams.batch(of: 8)
            let recorder = FrameRecorder()
            #expect(coalescer.write(packets.map(\.bytes), to: recorder) == Coalescer.Outcome(written: 8))
            let cut = recorder.frames.flatMap { segments(of: $0) ?? [] }.map(NaiveCoalescer.withoutIdentification)
            let sent = packets.map { NaiveCoalescer.withoutIdentification($0.bytes) }
            #expect(cut.sorted { $0.lexicographicallyPrecedes($1) } == sent.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }
}
