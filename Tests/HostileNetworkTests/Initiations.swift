import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Initiations as anybody can make them who knows a site's public key: MAC1 is right, and answering takes key
/// exchanges, before it turns out that nobody knows the sender.
enum Initiations {
    static func make(_ count: Int, for site: Site) -> [[UInt8]] {
        let stranger = LocalIdentity(.generate())
        let remote = RemoteIdentity(site.publicKey, local: stranger)
        var keeper = CookieKeeper(remote)
        return (0..<count).map { index in
            var (message, _) = PendingInitiation.create(
                local: stranger, remote: remote, senderIndex: UInt32(index),
                timestamp: TAI64N(HandshakeTime(seconds: 1_700_000_000 + Int64(index), nanoseconds: 0)),
                ephemeral: .generate())!
            keeper.stamp(&message, Instant(nanoseconds: 0))
            return message.indices.map { message[$0] }
        }
    }
}
