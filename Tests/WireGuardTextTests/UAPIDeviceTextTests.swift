import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("UAPI answers to get, written")
struct UAPIDeviceTextTests {
    @Test("in the order and with the words of wireguard-go")
    func everyField() {
        var device = Device(name: InterfaceName("wg0"))
        (device.privateKey, device.listenPort, device.fwmark) = (Keys.secret(0xab), 51820, 7)
        var peer = Peer(publicKey: Keys.publicKey(0x11))
        peer.presharedKey = Keys.secret(0x22)
        peer.endpoint = Endpoint(address: IPAddress(v6: 0x2001_0db8 << 32, 1), port: 5)
        peer.latestHandshake = HandshakeTime(seconds: 1_700_000_000, nanoseconds: 999_999_999)
        (peer.sent, peer.received, peer.persistentKeepalive) = (.max, 1, 25)
        peer.allowedIPs = [
            AllowedIP(IPAddress(v4: 0x0a00_0000), prefixLength: 8)!, AllowedIP(IPAddress(v6: 0, 0), prefixLength: 0)!,
        ]
        device.peers = [peer]
        #expect(
            text(of: device) == """
                private_key=\(Keys.hex(0xab))
                listen_port=51820
                fwmark=7
                public_key=\(Keys.hex(0x11))
                preshared_key=\(Keys.hex(0x22))
                protocol_version=1
                endpoint=[2001:db8::1]:5
                last_handshake_time_sec=1700000000
                last_handshake_time_nsec=999999999
                tx_bytes=18446744073709551615
                rx_bytes=1
                persistent_keepalive_interval=25
                allowed_ip=10.0.0.0/8
                allowed_ip=::/0
                errno=0


                """)
    }

    @Test("what is not there is left out, or zero")
    func bare() {
        var device = Device(name: InterfaceName("wg0"))
        #expect(text(of: device) == "errno=0\n\n")
        device.peers = [Peer(publicKey: Keys.publicKey(0x11))]
        #expect(
            text(of: device) == """
                public_key=\(Keys.hex(0x11))
                protocol_version=1
                last_handshake_time_sec=0
                last_handshake_time_nsec=0
                tx_bytes=0
                rx_bytes=0
                persistent_keepalive_interval=0
                errno=0


                """)
    }

    @Test("ends with the negated number of a failure")
    func end() {
        #expect(String { UAPIDeviceText.appendEnd(code: 22, to: &$0) } == "errno=-22\n\n")
        #expect(String { UAPIDeviceText.appendEnd(code: 0, to: &$0) } == "errno=0\n\n")
    }

    @Test("in parts of any size the text is the same, and no part is much longer than asked for")
    func parts() {
        var dice = SeededRandom(31)
        let device = randomDevice(peers: 40, &dice)
        let whole = text(of: device)
        for size in [1, 2, 100, 1000, 4096] { #expect(text(of: device, inPartsOf: size) == whole) }
    }

    @Test("our own reader reads the same device")
    func roundTrip() throws {
        var dice = SeededRandom(32)
        for count in 0..<30 {
            let device = randomDevice(peers: count, &dice)
            var answer = UAPIAnswer(from: device.name) { _ in nil }
            for line in text(of: device).split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                let bytes = Array(line.utf8)
                let goesOn = try answer.take(line: bytes.span)
                #expect(goesOn == !line.isEmpty)
            }
            #expect(answer.errorCode == 0)
            #expect(text(of: answer.device) == text(of: device))
            #expect(answer.device.peers.map(\.allowedIPs) == device.peers.map(\.allowedIPs))
            #expect(answer.device.peers.map(\.endpoint) == device.peers.map(\.endpoint))
            #expect(answer.device.peers.map(\.presharedKey) == device.peers.map(\.presharedKey))
            #expect(answer.device.peers.map(\.received) == device.peers.map(\.received))
            #expect(answer.device.privateKey == device.privateKey)
        }
    }

    private func text(of device: Device, inPartsOf size: Int = .max) -> String {
        var answer = UAPIDeviceText(of: device)
        var text = ""
        while !answer.isWhole {
            let part = String { answer.append(to: &$0, upTo: size) }
            // The longest step: all of a peer in front of its allowed-ips.
            #expect(size == .max || part.utf8.count < size + 600)
            text += part
        }
        return text
    }

    private func randomDevice(peers: Int, _ dice: inout SeededRandom) -> Device {
        var device = Device(name: InterfaceName("wg0"))
        if !dice.once(in: 4) { device.privateKey = randomSecret(&dice) }
        device.listenPort = UInt16(truncatingIfNeeded: dice.number())
        device.fwmark = UInt32(truncatingIfNeeded: dice.number())
        device.peers = (0..<peers).map { _ in randomPeer(&dice) }
        return device
    }

    private func randomPeer(_ dice: inout SeededRandom) -> Peer {
        var peer = Peer(publicKey: PublicKey(bytes: KeyBytes { _ in dice.byte() }))
        if dice.once(in: 2) { peer.presharedKey = randomSecret(&dice) }
        if dice.once(in: 2) {
            peer.endpoint = Endpoint(address: randomAddress(&dice), port: UInt16(truncatingIfNeeded: dice.number()))
        }
        peer.latestHandshake = HandshakeTime(
            seconds: Int64(dice.number() >> 1), nanoseconds: Int64(dice.below(1_000_000_000)))
        (peer.sent, peer.received) = (dice.number(), dice.number())
        peer.persistentKeepalive = UInt16(truncatingIfNeeded: dice.number())
        for _ in 0..<dice.below(6) {
            let address = randomAddress(&dice)
            peer.allowedIPs.append(
                AllowedIP(address, prefixLength: UInt8(dice.below(Int(address.family.bits) + 1)))!)
        }
        return peer
    }

    private func randomAddress(_ dice: inout SeededRandom) -> IPAddress {
        dice.once(in: 2)
            ? IPAddress(v4: UInt32(truncatingIfNeeded: dice.next())) : IPAddress(v6: dice.number(), dice.number())
    }

    private func randomSecret<Key: SecretKey>(_ dice: inout SeededRandom) -> Key {
        let bytes = dice.bytes(32)
        return Key(raw: bytes.span)!
    }
}
