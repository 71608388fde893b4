import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Whose an inner address is, each time another one.
enum LookUps {
    static var stages: [Stage] {
        [
            stage("look-up, 1 peer", peers: 1) { AllowedIP(v4($0), prefixLength: 32)! },
            stage("look-up, 10,000 peers, IPv4 addresses", peers: 10_000) { AllowedIP(v4($0), prefixLength: 32)! },
            stage("look-up, 10,000 peers, IPv6 networks", peers: 10_000) { AllowedIP(v6($0), prefixLength: 64)! },
        ]
    }

    private static let count = 1000

    private static func v4(_ number: Int) -> IPAddress { IPAddress(v4: 0x0a40_0000 + UInt32(number)) }

    private static func v6(_ number: Int) -> IPAddress { IPAddress(v6: 0xfd00_0000_0000_0000 + UInt64(number) << 4, 1) }

    /// Against loads of which each tells where the next one is.
    private static func stage(_ name: String, peers: Int, _ prefix: (Int) -> AllowedIP) -> Stage {
        let routes = tunnel(peers, prefix).routingTable
        var random = SeededRandom(1)
        let addresses = (0..<count).map { _ in prefix(Int(random.next() % UInt64(peers))).address }
        let chain = cycle(of: peers, &random)
        return Stage(
            name: name, floorName: "a load", count: count,
            body: {
                var sum: UInt32 = 0
                for address in addresses { sum &+= routes.slot(for: address)! }
                use(sum)
            },
            floor: {
                var place = 0
                for _ in 0..<count { place = chain[place] }
                use(place)
            })
    }

    /// For each place the next one, until all were visited.
    private static func cycle(of count: Int, _ random: inout SeededRandom) -> [Int] {
        let order = (0..<count).shuffled(using: &random)
        var chain = order
        for (index, place) in order.enumerated() { chain[place] = order[(index + 1) % count] }
        return chain
    }

    private static func tunnel(_ peers: Int, _ prefix: (Int) -> AllowedIP) -> Tunnel {
        var random = SeededRandom(2)
        var update = DeviceUpdate(name: InterfaceName("wg"))
        for number in 0..<peers {
            var peer = PeerUpdate(
                publicKey: PublicKey(bytes: KeyBytes { _ in UInt8(truncatingIfNeeded: random.next()) }))
            peer.allowedIPs = [AllowedIPChange(prefix(number))]
            update.peers.append(peer)
        }
        let tunnel = Tunnel()
        _ = tunnel.apply(update, Instant(nanoseconds: 0))
        return tunnel
    }
}
