import ByteText
import TestSupport
import Testing
import WireGuardModel
import WireGuardQuick

/// C16: installers mark their peers, and later delete them by these marks.
@Suite("A saved file with an installer's marks")
struct PeerMarkTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    /// The format in which an installer writes a peer.
    enum Installer: CaseIterable, Sendable {
        /// github.com/Nyr/wireguard-install, and hwdsl2's.
        case nyr
        /// github.com/pivpn/pivpn.
        case pivpn
        /// github.com/angristan/wireguard-install.
        case angristan

        func block(_ name: String, _ section: String) -> String {
            switch self {
            case .nyr: "# BEGIN_PEER \(name)\n\(section)# END_PEER \(name)\n"
            case .pivpn: "### begin \(name) ###\n\(section)### end \(name) ###\n"
            case .angristan: "\n### Client \(name)\n\(section)"
            }
        }

        /// The sed command that removes a client.
        func deletion(of name: String) -> String {
            switch self {
            case .nyr: "/^# BEGIN_PEER \(name)$/,/^# END_PEER \(name)$/d"
            case .pivpn: "/### begin \(name) ###/,/### end \(name) ###/d"
            case .angristan: "/^### Client \(name)$/,/^$/d"
            }
        }
    }

    private static let names = ["alice", "bob", "carol"]
    private static let keys = [SampleKeys.peer, SampleKeys.secondPeer, SampleKeys.other]
    private static let head =
        "[Interface]\nAddress = 10.7.0.1/24\nPrivateKey = \(SampleKeys.secret)\nListenPort = 51820\n"

    private static func section(_ number: Int) -> String {
        "[Peer]\nPublicKey = \(keys[number])\nAllowedIPs = 10.7.0.\(number + 2)/32\n"
    }

    private static func text(_ installer: Installer, of numbers: [Int], head: String = head) -> String {
        head + numbers.map { installer.block(names[$0], section($0)) }.joined()
    }

    /// The saved text after the peers with these keys were removed from the interface.
    private func saved(_ text: String, without keys: [String]) throws -> String {
        let file = try stage.file(text)
        var state = try file.madeState(stage)
        state.device.peers.removeAll { peer in keys.contains(String { peer.publicKey.appendBase64(to: &$0) }) }
        var output = ByteBuffer()
        guard try file.append(savedFor: state, stage, to: &output) else { return text }
        return String(decoding: Array(copying: output.span), as: UTF8.self)
    }

    @Test("loses a peer with its marks, whichever peers go", arguments: Installer.allCases, 0..<8)
    func removal(_ installer: Installer, _ staying: Int) throws {
        let (stay, go) = ((0..<3).filter { staying >> $0 & 1 == 1 }, (0..<3).filter { staying >> $0 & 1 == 0 })
        for blank in ["", "\n"] {
            let head = Self.head + blank
            let result = try saved(
                Self.text(installer, of: [0, 1, 2], head: head), without: go.map { Self.keys[$0] })
            let expected = Self.text(installer, of: stay, head: head)
            #expect(result.withoutBlankEnd == expected.withoutBlankEnd)
        }
    }

    @Test("lets the installer remove one more peer, and no other", arguments: Installer.allCases)
    func installer(_ installer: Installer) throws {
        for (gone, next) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
            let rest = (0..<3).filter { $0 != gone && $0 != next }
            let result = try saved(Self.text(installer, of: [0, 1, 2]), without: [Self.keys[gone]])
            let path = try stage.put(result, "wg1.conf")
            let edited = try run("sed", ["-i", installer.deletion(of: Self.names[next]), path])
            #expect(edited.status == 0, "\(edited.err)")
            let left = try stage.content("wg1.conf")
            for number in 0..<3 {
                #expect(left.contains(Self.keys[number]) == rest.contains(number), "\(gone), \(next): \(left)")
            }
        }
    }

    @Test(
        "keeps a peer that was commented out, whichever neighbour goes",
        arguments: [
            "#[Peer]\n#PublicKey = \(SampleKeys.secondPeer)\n#AllowedIPs = 10.7.0.3/32\n",
            "# Bob, who left\n#[Peer]\n#PublicKey = \(SampleKeys.secondPeer)\n# AllowedIPs = 10.7.0.3/32\n",
            "# [Peer]\n# PublicKey = \(SampleKeys.secondPeer)\n",
            "#[disabled] ### begin bob ###\n#[disabled] [Peer]\n#[disabled] PublicKey = \(SampleKeys.secondPeer)\n"
                + "#[disabled] AllowedIPs = 10.7.0.3/32\n#[disabled] ### end bob ###\n",
            "### begin bob ###\n#[disabled] [Peer]\n#[disabled] PublicKey = \(SampleKeys.secondPeer)\n### end bob ###\n",
            "# BEGIN_PEER bob\n#[Peer]\n#PublicKey = \(SampleKeys.secondPeer)\n# END_PEER bob\n",
        ])
    func commentedOut(_ block: String) throws {
        for installer in Installer.allCases {
            let blocks = [0, 2].map { installer.block(Self.names[$0], Self.section($0)) }
            let text = Self.head + blocks[0] + block + blocks[1]
            #expect(try saved(text, without: [Self.keys[0]]) == Self.head + leading(installer) + block + blocks[1])
            #expect(try saved(text, without: [Self.keys[2]]) == Self.head + blocks[0] + block)
        }
        let sections = [0, 2].map { Self.section($0) }
        let text = Self.head + sections[0] + block + sections[1]
        #expect(try saved(text, without: [Self.keys[0]]) == Self.head + block + sections[1])
        #expect(try saved(text, without: [Self.keys[2]]) == Self.head + sections[0] + block)
    }

    /// The blank line above a removed peer stays.
    private func leading(_ installer: Installer) -> String { installer == .angristan ? "\n" : "" }

    @Test("keeps both marks where another peer between them stays")
    func twoSections() throws {
        let pair = "# BEGIN_PEER alice\n\(Self.section(0))\(Self.section(1))# END_PEER alice\n"
        let text = Self.head + pair + Self.section(2)
        #expect(try saved(text, without: [Self.keys[0]]) == text.replacing(Self.section(0), with: ""))
        #expect(try saved(text, without: [Self.keys[1]]) == text.replacing(Self.section(1), with: ""))
    }

    @Test("has new fields inside the marks")
    func newField() throws {
        let text = Self.text(.nyr, of: [0, 1])
        let file = try stage.file(text)
        var state = try file.madeState(stage)
        state.device.peers[0].persistentKeepalive = 25
        var output = ByteBuffer()
        #expect(try file.append(savedFor: state, stage, to: &output))
        let field = "AllowedIPs = 10.7.0.2/32\n"
        #expect(
            String(decoding: Array(copying: output.span), as: UTF8.self)
                == text.replacing(field, with: field + "PersistentKeepalive = 25\n"))
    }

    @Test("keeps ordinary comments that only sound like marks with the peer below them")
    func soundsLikeMarks() throws {
        let text =
            Self.head + "\n" + Self.section(0) + "\n# end of the house, client of ours\n# begin here\n"
            + Self.section(1)
        #expect(try saved(text, without: [Self.keys[1]]) == Self.head + "\n" + Self.section(0))
        #expect(
            try saved(text, without: [Self.keys[0]])
                == Self.head + "\n# end of the house, client of ours\n# begin here\n" + Self.section(1))
    }
}

extension String {
    /// The text without its trailing newlines, whose number does not matter.
    fileprivate var withoutBlankEnd: Substring { self[...(lastIndex { $0 != "\n" } ?? startIndex)] }
}
