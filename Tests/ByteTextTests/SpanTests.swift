import ByteText
import TestSupport
import Testing

@Suite("Looking into spans")
struct SpanTests {
    @Test("first and last places are an array's")
    func places() {
        var random = SeededRandom(4)
        for _ in Rounds.usual(2000) {
            let bytes = random.bytes(random.below(40)).map { $0 & 7 }
            let sought = random.byte() & 7
            let start = random.below(bytes.count + 3)
            let first = bytes.span.firstIndex(of: sought)
            let firstFromStart = bytes.span.firstIndex(of: sought, from: start)
            let last = bytes.span.lastIndex(of: sought)
            #expect(first == bytes.firstIndex(of: sought))
            #expect(firstFromStart == bytes.indices.first { $0 >= start && bytes[$0] == sought })
            #expect(last == bytes.lastIndex(of: sought))
        }
    }

    @Test("nothing is found in nothing")
    func nothing() {
        let span = Span<UInt8>()
        let found = [span.firstIndex(of: 0), span.firstIndex(of: 0, from: 5), span.lastIndex(of: 0)]
        #expect(found == [nil, nil, nil])
        let matches = [span.equals(""), span.starts(with: ""), span.equalsIgnoringCase("")]
        #expect(matches == [true, true, true])
        let mismatches = [span.equals("a"), span.starts(with: "a"), span.equalsIgnoringCase("a")]
        #expect(mismatches == [false, false, false])
    }

    @Test(
        "a beginning, and the whole, is compared byte by byte",
        arguments: [
            "", "k", "key", "key=", "key=1", "kez=", "lkey=", "KEY=", "key=\0", "ke", "key= ", "xey=",
        ])
    func compares(_ text: String) {
        let bytes = text.bytes
        let (starts, equals) = (bytes.span.starts(with: "key="), bytes.span.equals("key="))
        #expect(starts == bytes.starts(with: "key=".utf8))
        #expect(equals == (bytes == "key=".bytes))
    }

    @Test("ignores the case of letters, and of nothing else")
    func ignoresCase() {
        let word: [UInt8] = "[peer]".bytes
        for place in word.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = word
                bytes[place] = byte
                let equals = bytes.span.equalsIgnoringCase("[peer]")
                let isSame = byte == word[place] || (byte | 32 == word[place] && 0x41...0x5a ~= byte)
                #expect(equals == isSame, "\(bytes.text)")
            }
        }
        let upper = "[PEER]".bytes
        let longer = "[peer]]".bytes
        let shorter = "[peer".bytes
        let results = [upper, longer, shorter].map { $0.span.equalsIgnoringCase("[peer]") }
        #expect(results == [true, false, false])
    }
}
