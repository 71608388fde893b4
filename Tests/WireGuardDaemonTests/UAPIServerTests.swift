import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardDaemon
import WireGuardKeys

@Suite("UAPI server")
struct UAPIServerTests {
    @Test("several requests on a connection, and several connections at once")
    func requests() throws {
        let served = try Served()
        let (first, second) = (try served.call(), try served.call())
        #expect(try first.ask("set=1\nfwmark=7\n\n") == "errno=0\n\n")
        #expect(try second.ask("get=1\n\n") == "fwmark=7\nerrno=0\n\n")
        #expect(try first.ask("set=1\nfwmark=x\n\n") == "errno=-22\n\n")
        #expect(try first.ask("get=1\n\n") == "fwmark=7\nerrno=0\n\n")
    }

    @Test("who asks ahead is answered in turn, however slowly the answers are read")
    func pipelining() throws {
        let served = try Served(peers: 100)
        let caller = try served.call()
        let count = 500
        // Less than a socket's buffer, so that nobody has to read meanwhile; the answers are a hundred times as much.
        try caller.say(String(repeating: "get=1\n\n", count: count))
        let heard = try caller.hear(answers: count)
        #expect(heard.split(separator: "errno=0\n\n").count == count)
        #expect(heard.utf8.count > 10_000_000)
    }

    @Test("2,000 that stop in the middle of a line keep nobody waiting")
    func halfSent() throws {
        let served = try Served()
        let callers = try Self.crowd(2000) { try served.call() }
        for (number, caller) in callers.enumerated() {
            try caller.say("set=1\nfwmark=\(number)\n" + String(repeating: "x", count: number % 2 * 4000))
        }
        #expect(try served.call().ask("get=1\n\n") == "errno=0\n\n")
        for (number, caller) in callers.enumerated() where number % 2 == 0 {
            try caller.say("\n")
            #expect(try caller.hear() == "errno=0\n\n")
        }
        #expect(served.tunnel.updates.count == callers.count / 2)
    }

    @Test("those who do not read their answers keep nobody waiting, and get all of it in the end")
    func slowReaders() throws {
        let served = try Served(peers: 2000)
        let callers = try Self.crowd(50) { try served.call() }
        for caller in callers { try caller.say("get=1\n\nget=1\n\n") }
        let prompt = try served.call()
        let answer = try prompt.ask("get=1\n\n")
        #expect(answer.utf8.count > 400_000)
        #expect(try prompt.ask("set=1\nfwmark=7\n\n") == "errno=0\n\n")
        for caller in callers { #expect(try caller.hear(answers: 2).utf8.count > 2 * answer.utf8.count - 1) }
    }

    @Test("a line that does not end is not kept: its client is told and hung up on")
    func endlessLine() throws {
        let served = try Served()
        let caller = try served.call()
        #expect(throws: (any Error).self) {
            for _ in 0..<256 { try caller.say([UInt8](repeating: 0x78, count: 1 << 16)) }
        }
        #expect(try served.call().ask("get=1\n\n") == "errno=0\n\n")
    }

    @Test(
        "a client that goes in the middle of a request has changed nothing; one that does not wait for its answer has")
    func hangUps() throws {
        let served = try Served()
        for rest in ["", "\n\n"] {
            let caller = try served.call()
            try caller.say("set=1\nfwmark=7" + rest)
        }
        let caller = try served.call()
        try caller.say("set=1\nlisten_port=5\n")
        caller.endSaying()
        #expect(try caller.hearToEnd() == "errno=-71\n\n")
        // Everybody before has been dealt with, or is within the time of a few questions.
        while served.tunnel.updates.isEmpty { _ = try served.call().ask("get=1\n\n") }
        #expect(served.tunnel.updates.count == 1)
        #expect(served.tunnel.device().fwmark == 7 && served.tunnel.device().listenPort == 0)
    }

    @Test("strangers are hung up on")
    func strangers() throws {
        let served = try Served()
        let caller = try served.call()
        try caller.say("GET / HTTP/1.1\r\n\r\n")
        #expect(try caller.hearToEnd() == "")
    }

    @Test("200,000 peers in one request, and in one answer")
    func manyPeers() throws {
        let served = try Served()
        let caller = try served.call()
        let count: UInt32 = 200_000
        try caller.say("set=1\nreplace_peers=true\n")
        for start in stride(from: UInt32(0), to: count, by: 1000) {
            try caller.say(
                String { text in
                    for number in start..<(start + 1000) {
                        text.append("public_key=")
                        PublicKey(number: number).appendHex(to: &text)
                        text.append("\nallowed_ip=10.0.0.0/32\n")
                    }
                })
        }
        #expect(try caller.ask("\n") == "errno=0\n\n")
        #expect(served.tunnel.device().peers.count == 200_000)
        try caller.say("get=1\n\n")
        let answer = try caller.hear()
        #expect(answer.hasSuffix("errno=0\n\n") && answer.utf8.count > 200_000 * 200)
    }

    @Test("of too many clients the one that was idle longest goes")
    func tooMany() throws {
        let served = try Served(mostClients: 10)
        let callers = try (0..<10).map { _ in try served.call() }
        for caller in callers { _ = try caller.ask("get=1\n\n") }
        _ = try callers[0].ask("get=1\n\n")
        #expect(try served.call().ask("get=1\n\n") == "errno=0\n\n")
        #expect(try callers[0].ask("get=1\n\n") == "errno=0\n\n")
        #expect(try callers[1].hearToEnd() == "")
        for caller in callers[2...] { #expect(try caller.ask("get=1\n\n") == "errno=0\n\n") }
    }

    @Test("its end is everybody's")
    func end() throws {
        let served = try Served()
        let caller = try served.call()
        #expect(try caller.ask("get=1\n\n") == "errno=0\n\n")
        served.server.stop()
        #expect(try caller.hearToEnd() == "")
    }

    /// So many, or as many as the process may have.
    private static func crowd(_ count: Int, _ make: () throws -> Caller) throws -> [Caller] {
        DescriptorLimit.raise()
        return try (0..<min(count, DescriptorLimit.count / 2 - 256)).map { _ in try make() }
    }
}
