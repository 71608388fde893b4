import ByteText
import TestSupport
import Testing
import WireGuardText

@Suite("Fields that are numbers")
struct NumberFieldTests {
    @Test(
        "marks are decimal, or hexadecimal behind 0x, or off",
        arguments: [
            ("0", 0), ("1", 1), ("08", 8), ("010", 10), ("4294967295", 0xffff_ffff), ("000004294967295", 0xffff_ffff),
            ("0x0", 0), ("0xcafe", 0xcafe), ("0xCAFE", 0xcafe), ("0xffffffff", 0xffff_ffff), ("0x0000000001", 1),
            ("off", 0), ("OFF", 0), ("oFf", 0),
        ] as [(String, UInt32)])
    func marks(_ text: String, _ expected: UInt32) throws {
        let bytes = text.bytes
        let mark = try NumberFields.fwmark(bytes.span)
        #expect(mark == expected)
    }

    @Test(
        "what is no mark",
        arguments: [
            "", "0x", "0X10", "x10", "4294967296", "0x100000000", "-1", "+1", "1 ", " 1", "0xg", "0x-1", "0x 1", "1x",
            "offf", "of", "on", "0off", "none", "1\0",
        ])
    func badMarks(_ text: String) {
        let bytes = text.bytes
        #expect(throws: FieldError.badFwmark(ByteString(text))) { try NumberFields.fwmark(bytes.span) }
    }

    @Test(
        "keepalives are decimal, or off",
        arguments: [("0", 0), ("25", 25), ("010", 10), ("65535", 65535), ("off", 0), ("Off", 0)] as [(String, UInt16)])
    func keepalives(_ text: String, _ expected: UInt16) throws {
        let bytes = text.bytes
        let seconds = try NumberFields.persistentKeepalive(bytes.span)
        #expect(seconds == expected)
    }

    @Test(
        "what is no keepalive",
        arguments: ["", "65536", "4294967297", "-1", "+1", "0x10", " 25", "25 ", "25s", "offf", "never"])
    func badKeepalives(_ text: String) {
        let bytes = text.bytes
        #expect(throws: FieldError.badKeepalive(ByteString(text))) { try NumberFields.persistentKeepalive(bytes.span) }
    }

    @Test("ports in plain numbers need no system; all else is its to know")
    func listenPorts() throws {
        let sources = FakeSources(ports: ["domain": 53, "65536": 0, "+5": 5])
        for (text, expected): (String, UInt16) in [
            ("0", 0), ("51820", 51820), ("65535", 65535), ("005", 5), ("domain", 53), ("65536", 0), ("+5", 5),
        ] {
            let bytes = text.bytes
            let port = try sources.listenPort(bytes.span)
            #expect(port == expected)
        }
        #expect(sources.questions == ["domain", "65536", "+5"])
        let none: [UInt8] = []
        #expect(throws: FieldError.emptyPort) { try sources.listenPort(none.span) }
        let bad = "nonsense".bytes
        #expect(throws: FieldError.badPort("nonsense", reason: "Servname not supported")) {
            try sources.listenPort(bad.span)
        }
    }
}
