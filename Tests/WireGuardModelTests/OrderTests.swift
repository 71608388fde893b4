import ByteText
import TestSupport
import Testing
import WireGuardModel

@Suite("Orders")
struct OrderTests {
    @Test("handshake times are ordered by seconds, then nanoseconds")
    func handshakeTimes() {
        let numbers: [Int64] = [.min, -1, 0, 1, 999_999_999, .max]
        let pairs = numbers.flatMap { seconds in numbers.map { (seconds, $0) } }
        for left in pairs {
            for right in pairs {
                let times = [left, right].map { HandshakeTime(seconds: $0.0, nanoseconds: $0.1) }
                if (times[0] < times[1]) != (left < right) { Issue.record("\(left) < \(right)") }
                if (times[0] == times[1]) != (left == right) { Issue.record("\(left) == \(right)") }
            }
        }
    }

    @Test("interface names are ordered by bytes, and shown as text")
    func interfaceNames() {
        let names = ["", "Wg", "wg0", "wg00", "wg1", "wg10", "wg2", "wg\u{e9}"].map { InterfaceName(ByteString($0)) }
        #expect(names.reversed().sorted() == names)
        #expect("\(names[7])" == "wg\u{e9}")
        #expect(InterfaceName(ByteString([0xff])) > names[7])
        #expect(InterfaceName("a") == InterfaceName("a"))
        #expect(InterfaceName("a") != InterfaceName("A"))
    }

    /// IFNAMSIZ is 16, its NUL included.
    @Test("the longest interface name is of 15 bytes")
    func longest() { #expect(InterfaceName.longest == 15) }
}
