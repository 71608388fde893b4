import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardDaemon
import WireGuardKeys
import WireGuardModel

/// What wireguard-go 0.0.20220316 and 0.0.20250522 answered to the same bytes, unless a test says otherwise.
@Suite("UAPI conversations")
struct UAPIConversationTests {
    private static let peerLine = "public_key=" + String(repeating: "11", count: 32)

    @Test(
        "requests and their answers",
        arguments: [
            ("get=1\n\n", "errno=0\n\n"), ("set=1\n\n", "errno=0\n\n"),
            ("set=1\nfwmark=7\n\nget=1\n\n", "errno=0\n\nfwmark=7\nerrno=0\n\n"),
            ("get=1\n\nset=1\nlisten_port=5\n\nget=1\n\n", "errno=0\n\nerrno=0\n\nlisten_port=5\nerrno=0\n\n"),
            ("get=1\nfoo=1\n\n", "errno=-22\n\n"), ("set=1\nfoo=1\n\n", "errno=-22\n\n"),
            ("set=1\nfwmark\n\n", "errno=-71\n\n"), ("set=1\nlisten_port=1\n\n", "errno=-98\n\n"),
        ])
    func answers(_ requests: String, _ answer: String) {
        #expect(talk([requests]) == answer)
    }

    @Test("what was refused has changed nothing, and the next request counts again: one answer each")
    func allOrNothing() {
        // wireguard-go applies what stands in front of the fault, answers there, and loses what follows.
        let faults = [
            "foo=1", "listen_port=x", "fwmark", Self.peerLine + "\nallowed_ip=x", Self.peerLine + "\nfwmark=1",
        ]
        for fault in faults {
            let tunnel = FakeTunnel()
            let code = fault == "fwmark" ? 71 : 22
            let answer = talk(["set=1\nfwmark=7\n\(fault)\nlisten_port=9\n\nset=1\nlisten_port=6\n\n"], tunnel)
            #expect(answer == "errno=-\(code)\n\nerrno=0\n\n")
            #expect(tunnel.device().fwmark == 0 && tunnel.device().listenPort == 6)
            #expect(tunnel.updates.count == 1)
        }
    }

    @Test("a failure of the tunnel itself is told, and the conversation goes on")
    func tunnelFailure() {
        let tunnel = FakeTunnel()
        #expect(
            talk(["set=1\nlisten_port=1\nfwmark=3\n\nget=1\n\n"], tunnel) == "errno=-\(EADDRINUSE)\n\nerrno=0\n\n")
        #expect(tunnel.updates.isEmpty)
    }

    @Test(
        "who says anything else is not answered",
        arguments: [
            "\n", "\n\nget=1\n\n", "foo=1\n\n", "get=2\n\n", "set=2\n\n", "get=1\r\n\r\n", "GET=1\n\n", "get\n\n",
            "set=1 \n\n", "errno=0\n\n", "\0\n",
        ])
    func strangers(_ words: String) {
        let tunnel = FakeTunnel()
        #expect(talk([words], tunnel) == "")
        #expect(tunnel.updates.isEmpty)
    }

    @Test(
        "a request without its end is not done; wireguard-go does what there is of it",
        arguments: [
            "set=1\nfwmark=77\n", "set=1\nfwmark=77", "set=1\n", "get=1\n", "get=1\n\nset=1\nfwmark=7\n",
        ])
    func cutOff(_ words: String) {
        let tunnel = FakeTunnel()
        let answer = talk([words], tunnel)
        #expect(answer.hasSuffix("errno=-71\n\n"))
        #expect(tunnel.updates.isEmpty)
    }

    @Test("the beginning of a line that is no request yet is nothing", arguments: ["", "g", "set=1", "get=1"])
    func hardlyBegun(_ words: String) { #expect(talk([words]) == "") }

    @Test("lines as long as may be are read, longer ones end the conversation, whether their end has come or not")
    func longLines() {
        func line(_ count: Int) -> String { "fwmark=" + String(repeating: "0", count: count - 8) + "7" }
        #expect(talk(["set=1\n", line(4096), "\n\n"]) == "errno=0\n\n")
        #expect(talk(["set=1\n", line(4097), "\n\nget=1\n\n"]) == "errno=-\(EMSGSIZE)\n\n")
        #expect(talk(["set=1\n" + line(4097) + "\n\nget=1\n\n"]) == "errno=-\(EMSGSIZE)\n\n")
        #expect(talk(["set=1\n", line(100_000)]) == "errno=-\(EMSGSIZE)\n\n")
        #expect(talk([line(100_000)]) == "errno=-\(EMSGSIZE)\n\n")
    }

    @Test("how the bytes are cut on their way in and out makes no difference")
    func pieces() {
        var dice = SeededRandom(41)
        let alphabet = Array("get=1set\nfwmark0listen_port".utf8)
        let texts = [
            "get=1\n\n", "set=1\nfwmark=7\nreplace_peers=true\n\(Self.peerLine)\nallowed_ip=10.0.0.0/8\n\n",
            "set=1\nfoo=1\nbar\n\n", "set=1\nlisten_port=1\n\n", "\n",
        ]
        for _ in Rounds.usual(300) {
            var bytes = (0..<(1 + dice.below(4))).flatMap { _ in Array(dice.pick(texts).utf8) }
            if dice.once(in: 2) { bytes = dice.mutated(bytes, alphabet: alphabet) }
            let (whole, pieces) = (FakeTunnel(peers: 3), FakeTunnel(peers: 3))
            let answer = talk([bytes], whole)
            #expect(talk(cut(bytes, &dice), pieces, bytesAtOnce: 1 + dice.below(100)) == answer)
            #expect(pieces.updates.count == whole.updates.count)
            #expect(pieces.device().fwmark == whole.device().fwmark)
        }
    }

    @Test("while its reader does not read, an answer takes no more memory than a part, and requests wait")
    func backpressure() {
        let tunnel = FakeTunnel(peers: 10_000)
        var conversation = UAPIConversation(about: InterfaceName("wg0"), with: tunnel)
        let requests = "get=1\n\nset=1\nfwmark=7\n\n".bytes
        conversation.take(requests.span)
        #expect(conversation.isAnswering && conversation.heldEntries == 10_000)
        var largest = 0
        var written = 0
        while conversation.isAnswering {
            let isDone = conversation.writeOutput { bytes in
                largest = max(largest, bytes.count)
                guard written % 3 != 0 else {
                    written += 1
                    return nil
                }
                written += 1
                return min(bytes.count, 1000)
            }
            if !isDone { #expect(tunnel.updates.isEmpty) }
        }
        #expect(largest < UAPIConversation.partSize + 1024)
        #expect(tunnel.updates.count == 1 && conversation.heldEntries == 0)
    }

    @Test("a request of very many peers is read as it comes")
    func manyPeers() {
        let tunnel = FakeTunnel()
        var conversation = UAPIConversation(about: InterfaceName("wg0"), with: tunnel)
        let count: UInt32 = 20_000
        var part = "set=1\n".bytes
        for number in 0..<count {
            part += String { PublicKey(number: number).appendHex(to: &$0) }.prefixed("public_key=")
            part += "allowed_ip=10.\(number >> 16).\(number >> 8 & 255).\(number & 255)/32\n".bytes
            guard part.count > 8192 || number == count - 1 else { continue }
            conversation.take(part.span)
            part = []
        }
        #expect(conversation.heldEntries == 40_000)
        let end = "\n".bytes
        conversation.take(end.span)
        #expect(conversation.heldEntries == 0)
        #expect(tunnel.device().peers.count == 20_000)
    }

    // MARK: Talking

    private func talk(_ pieces: [String], _ tunnel: FakeTunnel = FakeTunnel()) -> String {
        talk(pieces.map(\.bytes), tunnel)
    }

    /// Says the pieces, hears what is answered, `bytesAtOnce` at a time, and hangs up.
    private func talk(_ pieces: [[UInt8]], _ tunnel: FakeTunnel, bytesAtOnce: Int = .max) -> String {
        var conversation = UAPIConversation(about: InterfaceName("wg0"), with: tunnel)
        var heard: [UInt8] = []
        func hear() {
            while conversation.isAnswering {
                _ = conversation.writeOutput { bytes in
                    let count = min(bytes.count, bytesAtOnce)
                    heard += Array(copying: bytes.extracting(..<count))
                    return count
                }
            }
        }
        for piece in pieces where !conversation.isOver {
            conversation.take(piece.span)
            hear()
        }
        if !conversation.isOver {
            conversation.endInput()
            hear()
        }
        #expect(conversation.isOver && conversation.heldEntries == 0)
        return heard.text
    }

    private func cut(_ bytes: [UInt8], _ dice: inout SeededRandom) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = 1 + dice.below(dice.once(in: 3) ? rest.count : min(rest.count, 9))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}

extension String {
    fileprivate func prefixed(_ key: String) -> [UInt8] { (key + self + "\n").bytes }
}
