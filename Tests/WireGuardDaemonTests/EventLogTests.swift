import Glibc
import LinuxSystem
import Synchronization
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@testable import WireGuardDaemon
@testable import WireGuardEngine

/// The log lines for the events of a tunnel.
@Suite("Lines about peers")
struct EventLogTests {
    private final class Page: Sendable {
        let lines = Mutex<[String]>([])
        let now = Mutex<UInt64>(1_000_000_000)

        var log: Log {
            Log(
                .verbose, name: "wg0", write: { line in self.lines.withLock { $0.append(line) } },
                clock: { self.now.withLock { $0 } })
        }

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    /// AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
    private static let key = PublicKey(bytes: KeyBytes { UInt8($0) })
    private static let address = IPAddress(v4: 0x0a09_004d)
    private static let endpoint = Endpoint(address: IPAddress(v6: 0x2001_0db8 << 32, 7), port: 51820)

    @Test("name the peer by the first and last four characters of its key")
    func shortKey() { #expect(Self.key.short == "peer(AAEC…dHh8)") }

    @Test(
        "say what happened to it",
        arguments: [
            (PeerEvent.added, "Added"), (.removed, "Removed"),
            (.endpointSet(endpoint), "Endpoint is set to [2001:db8::7]:51820"),
            (.presharedKeySet, "Preshared key is set"), (.presharedKeyCleared, "Preshared key is cleared"),
            (.persistentKeepaliveSet(25), "Persistent keepalive every 25 seconds"),
            (.persistentKeepaliveSet(0), "Persistent keepalive is off"),
            (.allowedIPsChanged, "Allowed-ips are changed"),
            (.initiationSent, "Sending handshake initiation"), (.initiationReceived, "Received handshake initiation"),
            (.responseSent, "Sending handshake response"), (.responseReceived, "Received handshake response"),
            (.cookieReceived, "Received cookie response"),
            (
                .handshakeUnanswered(attempt: 2), "Handshake did not complete after 5 seconds, retrying (try 2)"
            ),
            (.handshakeGivenUp, "Handshake did not complete after 90 seconds, giving up"),
            (.silent, "Retrying handshake because we stopped hearing back after 15 seconds"),
            (.initiationReplayed, "Received replayed handshake initiation"),
            (.initiationTooEarly, "Received handshake initiation too soon after the last one"),
            (.keysErased, "Erased all keys, since there were no new ones for 540 seconds"),
            (.keepaliveSent, "Sending keepalive packet"), (.keepaliveReceived, "Received keepalive packet"),
            (.roamed(to: endpoint), "Endpoint is now [2001:db8::7]:51820"),
            (.sourceNotAllowed(address), "No allowed-ip for source 10.9.0.77 of a packet from the peer"),
            (.noEndpoint, "No endpoint is known: packet is not sent"),
        ])
    func peers(_ event: PeerEvent, _ words: String) {
        let page = Page()
        EventLog(page.log).write(.peer(Self.key, event))
        #expect(page.take() == ["wg0: debug: peer(AAEC…dHh8) - \(words)"])
    }

    @Test(
        "say what happened to the interface",
        arguments: [
            (TunnelEvent.privateKeySet, "Private key is set"), (.privateKeyCleared, "Private key is cleared"),
            (.refused(.invalidMAC1, from: endpoint), "Received packet with invalid mac1 from [2001:db8::7]:51820"),
            (
                .refused(.invalidInitiation, from: endpoint),
                "Received invalid handshake initiation from [2001:db8::7]:51820"
            ),
            (
                .refused(.unknownPeer(key), from: endpoint),
                "Received handshake initiation of unknown peer(AAEC…dHh8) from [2001:db8::7]:51820"
            ),
            (
                .refused(.invalidResponse, from: endpoint),
                "Received invalid handshake response from [2001:db8::7]:51820"
            ),
            (
                .refused(.invalidCookieReply, from: endpoint),
                "Received invalid cookie response from [2001:db8::7]:51820"
            ),
            (.refused(.tooMany, from: endpoint), "Received too many handshake messages from [2001:db8::7]:51820"),
            (.cookieReplySent(to: endpoint), "Sending cookie response to [2001:db8::7]:51820, under load"),
            (.noAllowedIP(for: address), "No allowed-ip for 10.9.0.77"),
        ])
    func interface(_ event: TunnelEvent, _ words: String) {
        let page = Page()
        EventLog(page.log).write(event)
        #expect(page.take() == ["wg0: debug: \(words)"])
    }

    @Test("say what could not be sent, and why")
    func failures() {
        let failure = SendFailure(
            peer: Self.key, endpoint: Self.endpoint, datagrams: 1, error: Errno(ENETUNREACH))
        #expect(
            failure.line == "peer(AAEC…dHh8) - Cannot send to [2001:db8::7]:51820: Network is unreachable")
        let many = SendFailure(peer: Self.key, endpoint: Self.endpoint, datagrams: 37, error: Errno(EPERM))
        #expect(
            many.line == "peer(AAEC…dHh8) - Cannot send to [2001:db8::7]:51820: Operation not permitted (37 packets)")
    }

    /// Anyone may send packets with a wrong MAC.
    @Test("of a flood are five a second of each kind, and leave the others their room")
    func flood() {
        let page = Page()
        let log = EventLog(page.log)
        for _ in 0..<100_000 { log.write(.refused(.invalidMAC1, from: Self.endpoint)) }
        log.write(.peer(Self.key, .initiationSent))
        log.write(.noAllowedIP(for: Self.address))
        let lines = page.take()
        #expect(lines.count == 7)
        #expect(lines[5].hasSuffix("Sending handshake initiation"))
        #expect(lines[6].hasSuffix("No allowed-ip for 10.9.0.77"))
        page.now.withLock { $0 += 1_000_000_000 }
        log.write(.refused(.invalidMAC1, from: Self.endpoint))
        #expect(page.take().first?.hasSuffix("(and 99995 more like it before)") == true)
    }
}
