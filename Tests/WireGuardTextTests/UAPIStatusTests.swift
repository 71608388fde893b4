import TestSupport
import Testing
import WireGuardText

@Suite("UAPI answers to set")
struct UAPIStatusTests {
    @Test(
        "the last errno line counts, up to the empty one",
        arguments: [
            (["errno=0", ""], 0), (["errno=00", ""], 0), (["errno=-22", ""], -22), (["errno=22", ""], 22),
            (["errno=-1", "errno=0", ""], 0), (["key=value", "errno=-5", "=", "a=", ""], -5), ([""], nil),
            (["errno=2147483647", ""], 2_147_483_647), (["errno=-2147483648", ""], -2_147_483_648),
            (["errno=0", "", "errno=5"], 0),
        ] as [([String], Int64?)])
    func codes(_ lines: [String], _ code: Int64?) throws {
        var status = UAPIStatus()
        for line in lines {
            let bytes = line.bytes
            let goesOn = try status.take(line: bytes.span)
            #expect(goesOn == !line.isEmpty)
            if !goesOn { break }
        }
        #expect(status.code == code)
    }

    @Test(
        "what is no field, or no number of 32 bits",
        arguments: [
            "garbage", "errno", "errno=", "errno=abc", "errno=0x0", "errno=0 ", "errno= 0", "errno=+5", "errno=--5",
            "errno=-", "errno=2147483648", "errno=-2147483649", "errno=4294967296", "errno=99999999999999999999",
            "errno=0\0", "key\0=1", "errno=0\r",
        ])
    func malformed(_ line: String) {
        let bytes = line.bytes
        #expect(throws: UAPIAnswer.Malformed.self) {
            var status = UAPIStatus()
            _ = try status.take(line: bytes.span)
        }
    }
}
