import FuzzSupport
import TestSupport
import WireGuardEngine

/// Any frame is refused, or becomes what the naive twin makes of it.
enum SegmenterProperties {
    /// Longer frames only repeat themselves, slowly.
    private static let longest = 2048

    static func check(_ input: [UInt8]) {
        let frame = Array(input.prefix(longest))
        let expected = NaiveSegmenter.segments(of: frame)
        let segments = segments(of: frame)
        expect((segments == nil) == (expected == nil), "both accept or refuse \(frame)")
        expect(segments == expected, "both cut alike \(frame)")
    }

    private static func segments(of frame: [UInt8]) -> [[UInt8]]? {
        var frame = frame
        return frame.withUnsafeMutableBytes { bytes in
            guard let plan = try? UnsafeSegmentPlan(frame: bytes) else { return nil }
            // Both ways of getting a whole packet.
            let segments = (0..<plan.count).map { segment($0, of: plan) }
            guard plan.isWhole else { return segments }
            plan.finishInPlace()
            expect(Array(bytes[VirtioNetHeader.size...]) == segments[0], "in place or elsewhere a packet is the same")
            return segments
        }
    }

    private static func segment(_ index: Int, of plan: UnsafeSegmentPlan) -> [UInt8] {
        let length = plan.length(of: index)
        return [UInt8](unsafeUninitializedCapacity: length) { room, count in
            count = plan.write(index, to: UnsafeMutableRawPointer(room.baseAddress!))
            expect(count == length, "a segment has the length that was told")
        }
    }
}
