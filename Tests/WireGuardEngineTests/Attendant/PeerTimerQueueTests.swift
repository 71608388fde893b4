import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@testable import WireGuardEngine

@Suite("Peers that wait to be served")
struct PeerTimerQueueTests {
    @Test("come out in the order of their moments, none before it and none forgotten")
    func sortedTwin() throws {
        let peer = try somePeer()
        for seed in Rounds.usual(20) {
            var dice = SeededRandom(UInt64(seed))
            var queue = PeerTimerQueue()
            var twin: [UInt64] = []
            var now: UInt64 = 0
            for _ in 0..<400 {
                if dice.once(in: 2) {
                    let moment = now + UInt64(dice.below(50))
                    queue.add(PeerAlarm(Instant(nanoseconds: moment), for: peer))
                    twin.append(moment)
                } else {
                    now += UInt64(dice.below(20))
                    var rung: [UInt64] = []
                    while let alarm = queue.take(due: Instant(nanoseconds: now)) {
                        rung.append(alarm.moment.nanoseconds)
                    }
                    #expect(rung == twin.filter { $0 <= now }.sorted())
                    twin.removeAll { $0 <= now }
                }
                #expect(queue.earliest == twin.min().map { Instant(nanoseconds: $0) } ?? .never)
            }
        }
    }

    private func somePeer() throws -> TunnelPeer {
        let tunnel = Tunnel()
        var peer = PeerUpdate(publicKey: PrivateKey.generate().publicKey)
        peer.allowedIPs = [AllowedIPChange(AllowedIP(IPAddress(v4: 0), prefixLength: 0)!)]
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.peers = [peer]
        _ = tunnel.apply(update, Instant(nanoseconds: 0))
        let table = tunnel.routingTable
        let slot = try #require(table.slot(for: IPAddress(v4: 1)))
        return try #require(table.peer(at: slot))
    }
}
