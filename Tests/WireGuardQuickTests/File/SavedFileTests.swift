import ByteText
import LinuxNetlink
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardQuick
import WireGuardText

@Suite("A file that is saved")
struct SavedFileTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    /// The text after a change of the interface that the file makes.
    private func saved(_ text: String, _ change: (inout InterfaceState) -> Void = { _ in }) throws -> String {
        let file = try stage.file(text)
        var state = try file.madeState(stage)
        change(&state)
        var output = ByteBuffer()
        let isChanged = try file.append(savedFor: state, stage, to: &output)
        let result = String(decoding: Array(copying: output.span), as: UTF8.self)
        return isChanged ? result : text
    }

    private static let text = """
        # The office
        [Interface]
        Address = 10.0.0.1/24, fd00::1/64 # ours
        PrivateKey = \(SampleKeys.secret)
        ListenPort = 51820
        PostUp = echo '# up' %i
        DNS = 1.1.1.1, example.com

        # Anna
        [Peer]
        PublicKey = \(SampleKeys.peer)
        AllowedIPs = 10.0.0.2/32, 10.1.0.0/16  # her networks
        Endpoint = anna.example:51820

        # --- guests ---

        # Ben, until March
        [Peer]
        PublicKey = \(SampleKeys.secondPeer)
        AllowedIPs = 10.0.0.3/32
        #PersistentKeepalive = 25

        """

    @Test("is the same to the byte where the interface is the same", arguments: ["\n", "\r\n"])
    func unchanged(ending: String) throws {
        let text = Self.text.replacing("\n", with: ending)
        #expect(try saved(text) == text)
        #expect(try saved("") == "")
        #expect(try saved(String(text.dropLast(ending.count))) == text.dropLast(ending.count))
    }

    @Test("has a changed value in its old place")
    func values() throws {
        let result = try saved(Self.text) { state in
            state.device.listenPort = 7
            state.device.peers[0].allowedIPs = [AllowedIP("10.1.0.0/16"), AllowedIP("10.7.0.0/16")]
            state.addresses[1] = InterfaceAddress(IPAddress(v4: 0x0a00_0009), prefixLength: 32)!
        }
        var expected = Self.text.replacing("ListenPort = 51820", with: "ListenPort = 7")
        expected.replace("10.0.0.2/32, 10.1.0.0/16  #", with: "10.1.0.0/16, 10.7.0.0/16  #")
        expected.replace("10.0.0.1/24, fd00::1/64 # ours", with: "10.0.0.1/24 # ours\nAddress = 10.0.0.9/32")
        #expect(result == expected)
    }

    @Test("loses a peer that is gone, and the comment directly above it")
    func peerGone() throws {
        let first = try saved(Self.text) { $0.device.peers.remove(at: 0) }
        let anna = try #require(Self.text.firstRange(of: "# Anna"))
        let guests = try #require(Self.text.firstRange(of: "# --- guests"))
        #expect(first == Self.text[..<anna.lowerBound] + Self.text[guests.lowerBound...])
        let second = try saved(Self.text) { $0.device.peers.remove(at: 1) }
        let ben = try #require(Self.text.firstRange(of: "\n# Ben"))
        #expect(second == Self.text[..<ben.lowerBound])
    }

    @Test("has new peers at its end, and new keys at the end of their sections")
    func additions() throws {
        let result = try saved(Self.text) { state in
            state.device.peers[1].persistentKeepalive = 25
            state.device.fwmark = 0x10
            var peer = Peer(publicKey: PublicKey(base64: Array(SampleKeys.other.utf8).span)!)
            peer.allowedIPs = [AllowedIP("10.0.0.4/32")]
            state.device.peers.append(peer)
        }
        var expected = Self.text.replacing("example.com\n", with: "example.com\nFwMark = 0x10\n")
        expected.replace("10.0.0.3/32\n", with: "10.0.0.3/32\nPersistentKeepalive = 25\n")
        expected += "\n[Peer]\nPublicKey = \(SampleKeys.other)\nAllowedIPs = 10.0.0.4/32\n"
        #expect(result == expected)
    }

    @Test("keeps host names, and follows a peer whose address is a number")
    func endpoints() throws {
        let text = Self.text.replacing("10.0.0.3/32", with: "10.0.0.3/32\nEndpoint = 192.0.2.1:5 # home")
        let roamed = Endpoint(address: IPAddress(v4: 0xc633_6401), port: 9)
        let result = try saved(text) { state in
            state.device.peers[0].endpoint = roamed
            state.device.peers[1].endpoint = roamed
        }
        #expect(result == text.replacing("192.0.2.1:5 # home", with: "198.51.100.1:9 # home"))
    }

    @Test("writes a whole interface into an empty file, as the reference orders it")
    func empty() throws {
        let result = try saved("") { state in
            state.addresses = [InterfaceAddress(IPAddress(v4: 0x0a00_0001), prefixLength: 24)!]
            state.device.listenPort = 5
            var peer = Peer(publicKey: PublicKey(base64: Array(SampleKeys.peer.utf8).span)!)
            peer.persistentKeepalive = 3
            state.device.peers = [peer]
        }
        let peer = "[Peer]\nPublicKey = \(SampleKeys.peer)\nPersistentKeepalive = 3\n"
        #expect(result == "[Interface]\nAddress = 10.0.0.1/24\nListenPort = 5\n\n" + peer)
    }

    @Test("names a key's file as long as it holds the interface's key")
    func keyFiles() throws {
        try stage.put(SampleKeys.secret, "key")
        try stage.put(SampleKeys.other, "psk")
        let peer = "[Peer]\nPublicKey=\(SampleKeys.peer)\nPresharedKeyFile = psk\n"
        let text = "[Interface]\nPrivateKeyFile = key # mine\n" + peer
        #expect(try saved(text) == text)
        let key = PrivateKey(base64: Array(SampleKeys.other.utf8).span)!.clamped
        let result = try saved(text) { state in
            state.device.privateKey = key
            state.device.peers[0].presharedKey = PresharedKey(secret: key.secret)
        }
        let keyText = String { key.appendBase64(to: &$0) }
        let expected =
            "[Interface]\nPrivateKey = \(keyText)\n[Peer]\nPublicKey=\(SampleKeys.peer)\nPresharedKey = \(keyText)\n"
        #expect(result == expected)
        let cleared = try saved(text) { $0.device.peers[0].presharedKey = nil }
        #expect(cleared == text.replacing("PresharedKeyFile = psk\n", with: ""))
    }

    @Test("does not take the mark of a default route for the file's own")
    func defaultRouteMark() throws {
        let text = "[Interface]\n[Peer]\nPublicKey = \(SampleKeys.peer)\nAllowedIPs = 0.0.0.0/0\n"
        #expect(try saved(text) { $0.device.fwmark = 51820 } == text)
        #expect(try saved(text) { $0.device.fwmark = 7 } == text.replacing("]\n[P", with: "]\nFwMark = 0x7\n[P"))
        let off = text.replacing("]\n[P", with: "]\nTable = off\n[P")
        #expect(try saved(off) { $0.device.fwmark = 51820 }.contains("FwMark = 0xca6c\n"))
    }

    @Test("has an MTU only where it had one")
    func mtu() throws {
        #expect(try saved("[Interface]\nMTU = 1400 # small\n") { $0.mtu = 1280 } == "[Interface]\nMTU = 1280 # small\n")
        #expect(try saved("[Interface]\n") { $0.mtu = 1280 } == "[Interface]\n")
    }

    @Test("is refused where it has a mistake, rather than written over it")
    func mistake() throws {
        let failure = #expect(throws: QuickFailure.self) {
            let file = try stage.file("[Interface]\n")
            let state = try file.madeState(stage)
            let broken = try stage.file("[Interface]\nAdress = 1\n")
            var output = ByteBuffer()
            _ = try broken.append(savedFor: state, stage, to: &output)
        }
        #expect(failure?.description == "\(stage.folder)/wg0.conf:2: Line unrecognized: `Adress=1'")
    }

    @Test("makes the same interface again, whatever it was and whatever has changed")
    func random() throws {
        var writer = SampleWriter(SeededRandom(4))
        for round in Rounds.usual(500) {
            let text = writer.file()
            let file = try stage.file(text)
            var state = try file.madeState(stage)
            var output = ByteBuffer()
            let isChanged = try file.append(savedFor: state, stage, to: &output)
            #expect(!isChanged, "round \(round), nothing changed: \(text.debugDescription)")

            writer.change(&state)
            output.removeAll()
            guard try file.append(savedFor: state, stage, to: &output) else {
                let same = try file.madeState(stage)
                #expect(same.isLike(state), "round \(round), not saved: \(text.debugDescription)")
                continue
            }
            let result = String(decoding: Array(copying: output.span), as: UTF8.self)
            let saved = try stage.file(result)
            let made = try saved.madeState(stage)
            #expect(
                made.isLike(state), "round \(round): \(text.debugDescription) became \(result.debugDescription)")
            output.removeAll()
            let isChangedAgain = try saved.append(savedFor: state, stage, to: &output)
            #expect(!isChangedAgain, "round \(round), saved twice: \(result.debugDescription)")
        }
    }
}

extension QuickFile {
    /// The interface that this file makes.
    func madeState(_ stage: FileStage) throws -> InterfaceState {
        let made = NaiveDevice(after: try update(stage, tolerant: true).update)
        var device = Device(name: name.interface)
        device.privateKey = made.privateKey
        (device.listenPort, device.fwmark) = (made.listenPort, made.fwmark)
        device.peers = made.peers.map(\.peer)
        return InterfaceState(
            device: device, addresses: settings.addresses.map(\.onLink), mtu: settings.mtu ?? 1420)
    }
}

extension InterfaceState {
    /// But for endpoints that a name of the file stands for, and for order.
    func isLike(_ other: InterfaceState) -> Bool {
        NaiveDevice(device) == NaiveDevice(other.device) && Set(addresses) == Set(other.addresses)
    }
}

extension AllowedIP {
    init(_ text: String) { self = try! AllowedIPList.parse(prefix: Array(text.utf8).span) }
}
