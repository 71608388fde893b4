import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardModel
import WireGuardText

@Suite("Endpoints")
struct EndpointTests {
    @Test(
        "what is in plain numbers needs no resolver",
        arguments: [
            ("192.0.2.1:51820", "192.0.2.1:51820"), ("[2001:db8::1]:51820", "[2001:db8::1]:51820"),
            ("1.2.3.4:0", "1.2.3.4:0"), ("1.2.3.4:65535", "1.2.3.4:65535"), ("1.2.3.4:00080", "1.2.3.4:80"),
            ("[::]:1", "[::]:1"), ("::1:5", "[::1]:5"), (":::5", "[::]:5"), ("[1.2.3.4]:5", "1.2.3.4:5"),
            ("[::ffff:1.2.3.4]:5", "[::ffff:1.2.3.4]:5"), ("[FE80::A]:5", "[fe80::a]:5"),
        ])
    func numeric(_ text: String, _ expected: String) {
        let bytes = text.bytes
        let endpoint = Endpoint(numeric: bytes.span)
        #expect(endpoint.map { endpoint in String { endpoint.append(to: &$0) } } == expected)
        #expect(endpoint?.scope == 0)
    }

    @Test(
        "anything else does",
        arguments: [
            "", ":", ":5", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1", "1.2.3.4: 1",
            "1.2.3.4:1 ",
            "1.2.3.4:0x5", "1.2.3.4:http", "1.2.3:5", "01.2.3.4:5", "localhost:5", "[::1]", "[::1]:", "[::1]5",
            "[::1:5",
            "::1]:5", "[]:5", "[:5", "]:5", "[[::1]]:5", "[fe80::1%lo]:5", "[fe80::1%1]:5", " 1.2.3.4:5", "1.2.3.4\0:5",
            "1.2.3.4:5\0", "[::1]x:5", "[::1]:5:6",
        ])
    func notNumeric(_ text: String) {
        let bytes = text.bytes
        let isNumeric = Endpoint(numeric: bytes.span) != nil
        #expect(!isNumeric)
    }

    @Test("every port is written in decimal")
    func ports() {
        var random = SeededRandom(5)
        for _ in Rounds.usual(1000) {
            let raw = random.bytes(random.once(in: 2) ? 4 : 16)
            let port = UInt16(truncatingIfNeeded: random.number())
            let endpoint = Endpoint(address: IPAddress(bytes: raw.span)!, port: port)
            let host = NaiveAddress.write(raw)
            let text = String { endpoint.append(to: &$0) }
            #expect(text == (raw.count == 4 ? "\(host):\(port)" : "[\(host)]:\(port)"))
            let bytes = text.bytes
            let read = Endpoint(numeric: bytes.span)
            #expect(read == endpoint)
        }
    }

    /// Index 1 is the loopback interface; nobody has the others.
    @Test("scopes are written as getnameinfo does, by the interface's name where there is one")
    func scopes() {
        let hosts = [
            "fe80::1", "fe90::1", "fea0::1", "febf:ffff::1", "fec0::1", "fe7f::1", "ff01::1", "ff02::1", "ff03::1",
            "ff12::1", "fff2::1", "ff22::2", "2001:db8::1", "::", "::1", "::ffff:1.2.3.4", "fe80::1.2.3.4",
        ]
        for host in hosts {
            for scope: UInt32 in [0, 1, 77_000_001, .max] {
                let raw = NaiveAddress.read(host.bytes)!
                let endpoint = Endpoint(address: IPAddress(bytes: raw.span)!, port: 9, scope: scope)
                #expect(String { endpoint.append(to: &$0) } == NaiveAddress.write(raw, port: 9, scope: scope))
            }
        }
    }
}

@Suite("Names of endpoints")
struct EndpointNameTests {
    @Test(
        "are cut at the last colon, or behind a brace",
        arguments: [
            ("example.org:51820", "example.org", "51820"), ("::1:5", "::1", "5"), ("fe80::1%lo:5", "fe80::1%lo", "5"),
            ("[fe80::1%lo]:5", "fe80::1%lo", "5"), ("[::1]:5:6", "::1", "5:6"), ("::1", ":", "1"), (":5", "", "5"),
            ("[]:5", "", "5"), (" a b : 5 ", " a b ", " 5 "), ("[a:b", nil, nil), ("[a]]:5", nil, nil),
            ("[a]:]:5", "a", "]:5"), ("a[b]:5", "a[b]", "5"), ("1.2.3.4:http", "1.2.3.4", "http"),
        ] as [(String, String?, String?)])
    func parts(_ text: String, _ host: String?, _ port: String?) {
        let name = try? EndpointName(ByteString(text))
        #expect(name?.host.description == host)
        #expect(name?.port.description == port)
        #expect(name == nil || name?.text.description == text)
    }

    @Test(
        "say what they lack",
        arguments: [
            ("", .emptyEndpoint), ("host", .endpointWithoutPort("host")), ("host:", .endpointWithoutPort("host:")),
            ("::", .endpointWithoutPort("::")), ("[::1]", .endpointWithoutPort("[::1]")),
            ("[::1]:", .endpointWithoutPort("[::1]:")), ("[::1]5", .endpointWithoutPort("[::1]5")),
            ("[::1]x:5", .endpointWithoutPort("[::1]x:5")), ("[::1:5", .endpointWithoutBrace("[::1:5")),
            ("[", .endpointWithoutBrace("[")),
        ] as [(String, FieldError)])
    func errors(_ text: String, _ error: FieldError) {
        #expect(throws: error) { try EndpointName(ByteString(text)) }
    }
}
