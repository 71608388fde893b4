import ByteText
import TestSupport
import Testing

@Suite("Zeroed memory")
struct SecureMemoryTests {
    private static let pattern: [UInt8] = [0xc0, 0xff, 0xee, 0x11]

    @Test("zeroes what it is told to, and no more")
    func zeroes() {
        for (start, count) in [(0, 64), (0, 0), (5, 1), (7, 50), (63, 1)] {
            var bytes = [UInt8](repeating: 0xaa, count: 64)
            bytes.withUnsafeMutableBytes { SecureMemory.zero($0.baseAddress! + start, count: count) }
            #expect(bytes == (0..<64).map { start..<(start + count) ~= $0 ? 0 : 0xaa })
        }
    }

    @Test("a buffer that is released leaves nothing", .enabled(if: FreedMemory.canBeSeen))
    func releasedBuffer() {
        let shows = FreedMemory.shows(Self.pattern, size: 1000) {
            var buffer = ByteBuffer(capacity: 1000)
            Self.fill(&buffer)
        }
        #expect(!shows)
    }

    @Test("what was dropped from a buffer is zeroed with it", .enabled(if: FreedMemory.canBeSeen))
    func droppedBytes() {
        let shows = FreedMemory.shows(Self.pattern, size: 1000) {
            var buffer = ByteBuffer(capacity: 1000)
            Self.fill(&buffer)
            buffer.removeFirst(990)
            buffer.removeAll()
        }
        #expect(!shows)
    }

    @Test("a buffer that grows leaves nothing where it was", .enabled(if: FreedMemory.canBeSeen))
    func grownBuffer() {
        var buffer = ByteBuffer(capacity: 1000)
        let shows = FreedMemory.shows(Self.pattern, size: 1000) {
            Self.fill(&buffer)
            buffer.append(1)
        }
        #expect(!shows)
    }

    private static func fill(_ buffer: inout ByteBuffer) {
        for index in 0..<1000 { buffer.append(pattern[index % 4]) }
    }
}
