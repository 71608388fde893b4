import ByteText
import TestSupport
import Testing

@Suite("ByteBuffer")
struct ByteBufferTests {
    @Test("holds what an array would after any steps")
    func isLikeArray() {
        var random = SeededRandom(1)
        for _ in Rounds.usual(100) {
            let capacity = random.below(5) * random.below(100)
            var steps = StepsOnBoth(capacity: capacity)
            for _ in 0..<60 { steps.take(&random) }
            let (ours, theirs) = (Array(copying: steps.buffer.span), steps.array)
            #expect(ours == theirs)
        }
    }

    @Test("grows to megabytes, one byte at a time")
    func grows() {
        var buffer = ByteBuffer(capacity: 0)
        for number in 0..<200_000 { buffer.append(UInt8(truncatingIfNeeded: number)) }
        let bytes = Array(copying: buffer.span)
        #expect(bytes == (0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test("gives at least the room asked for, and counts what was written")
    func givesRoom() {
        var buffer = ByteBuffer(capacity: 3)
        for room in Array(0...60) + [5000, 1, 100_000] {
            let before = Array(copying: buffer.span)
            var given = 0
            buffer.append(room: room) { free in
                given = free.count
                for index in 0..<(room / 2) { free[index] = 7 }
                return room / 2
            }
            let after = Array(copying: buffer.span)
            #expect(given >= room)
            #expect(after == before + [UInt8](repeating: 7, count: room / 2))
        }
    }

    @Test("keeps its content where writing fails")
    func survivesThrow() {
        struct Failure: Error {}
        var buffer = ByteBuffer()
        buffer.append("kept")
        #expect(throws: Failure.self) {
            try buffer.append(room: 1000) { free throws(Failure) in
                free[0] = 1
                throw Failure()
            }
        }
        let content = Array(copying: buffer.span)
        #expect(content == "kept".bytes)
    }

    @Test("appends nothing for what is empty")
    func appendsNothing() {
        var buffer = ByteBuffer(capacity: 0)
        buffer.append("")
        buffer.append(string: "")
        let none: [UInt8] = []
        buffer.append(none.span)
        buffer.append(Span<UInt8>())
        buffer.removeFirst(0)
        let isEmpty = buffer.isEmpty
        #expect(isEmpty)
    }
}

/// A buffer and an array that the same is done to.
private struct StepsOnBoth: ~Copyable {
    var buffer: ByteBuffer
    var array: [UInt8] = []

    init(capacity: Int) { buffer = ByteBuffer(capacity: capacity) }

    mutating func take(_ random: inout SeededRandom) {
        switch random.below(8) {
        case 0:
            let byte = random.byte()
            buffer.append(byte)
            array.append(byte)
        case 1:
            buffer.append("a literal")
            array += "a literal".utf8
        case 2:
            let text = String(random.next(), radix: 36) + "é"
            buffer.append(string: text)
            array += text.utf8
        case 3, 4:
            let bytes = random.bytes(random.below(3) * random.below(200))
            buffer.append(bytes.span)
            array += bytes
        case 5:
            let bytes = random.bytes(random.below(50))
            buffer.append(room: bytes.count) { free in
                for index in bytes.indices { free[index] = bytes[index] }
                return bytes.count
            }
            array += bytes
        case 6:
            let dropped = random.below(array.count + 1)
            buffer.removeFirst(dropped)
            array.removeFirst(dropped)
        default:
            guard random.once(in: 4) else { return }
            buffer.removeAll()
            array.removeAll()
        }
    }
}
