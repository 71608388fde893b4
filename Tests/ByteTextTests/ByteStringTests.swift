import ByteText
import Glibc
import TestSupport
import Testing

@Suite("ByteString")
struct ByteStringTests {
    @Test("keeps bytes of any kind")
    func keepsBytes() {
        let bytes = (0...255).map { UInt8($0) }
        let copied = ByteString(copying: bytes.span)
        #expect(ByteString(bytes).bytes == bytes)
        #expect(copied.bytes == bytes)
        #expect(copied.count == 256)
        #expect(ByteString("wg0 é").bytes == "wg0 é".bytes)
        #expect(("wg0" as ByteString).bytes == "wg0".bytes)
    }

    @Test("is what C reads, and C reads what it is, up to a NUL")
    func passesThroughC() {
        var random = SeededRandom(2)
        for _ in Rounds.usual(300) {
            let bytes = random.bytes(random.below(40)).map { $0 == 1 ? 0 : $0 }
            let string = ByteString(bytes)
            let length = string.withCString { strlen($0) }
            let back = string.withCString { ByteString(cString: $0) }
            let visible = Array(bytes.prefix { $0 != 0 })
            #expect(length == visible.count)
            #expect(back.bytes == visible)
        }
    }

    @Test("passes errors and results of what it calls on")
    func passesErrorsOn() throws {
        struct Failure: Error {}
        let string: ByteString = "text"
        #expect(throws: Failure.self) { try string.withCString { _ throws(Failure) in throw Failure() } }
        #expect(string.withCString { $0[1] } == CChar(bitPattern: UInt8(ascii: "e")))
    }

    @Test(
        "finds a suffix",
        arguments: [
            ("wg0.sock", ".sock", true), (".sock", ".sock", true), ("sock", ".sock", false), ("", "", true),
            ("wg0", "", true), ("", "x", false), (".socket", ".sock", false), ("a.sock.sock", ".sock", true),
        ])
    func hasSuffix(_ text: String, _ suffix: String, _ expected: Bool) {
        #expect(ByteString(text).hasSuffix(ByteString(suffix)) == expected)
    }

    @Test("joins")
    func joins() {
        #expect("/var/run/" as ByteString + "wg0" + "" == "/var/run/wg0")
        #expect(("" as ByteString + "").isEmpty)
    }

    @Test("orders as memcmp does, the shorter first")
    func orders() {
        var random = SeededRandom(3)
        for _ in Rounds.usual(500) {
            let left = random.bytes(random.below(4)).map { $0 & 0x83 }
            let right = random.bytes(random.below(4)).map { $0 & 0x83 }
            let common = memcmp(left, right, min(left.count, right.count))
            let isLess = common == 0 ? left.count < right.count : common < 0
            #expect((ByteString(left) < ByteString(right)) == isLess, "\(left) \(right)")
        }
    }

    @Test("shows what is no UTF-8 as a replacement character")
    func describes() {
        #expect("\(ByteString("wg é"))" == "wg é")
        #expect("\(ByteString([0x77, 0xff, 0x67]))" == "w\u{fffd}g")
    }
}
