package import WireGuardKeys

/// A peer as its interface reports it.
package struct Peer: Sendable {
    package var publicKey: PublicKey
    /// Nil where there is none, also where the backend says so by a key of zeros.
    package var presharedKey: PresharedKey?
    package var endpoint: Endpoint?
    /// Zero before the first handshake.
    package var latestHandshake = HandshakeTime(seconds: 0, nanoseconds: 0)
    /// Bytes received and sent, counted by the backend with what the tunnel adds.
    package var received: UInt64 = 0
    package var sent: UInt64 = 0
    /// Seconds; 0 for off.
    package var persistentKeepalive: UInt16 = 0
    package var allowedIPs: ShortList<AllowedIP> = []

    package init(publicKey: PublicKey) { self.publicKey = publicKey }
}

/// A moment on the wall clock, counted from 1970.
package struct HandshakeTime: Comparable, Sendable {
    package var seconds: Int64
    package var nanoseconds: Int64

    package init(seconds: Int64, nanoseconds: Int64) {
        (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
    }

    package static func < (left: HandshakeTime, right: HandshakeTime) -> Bool {
        left.seconds == right.seconds ? left.nanoseconds < right.nanoseconds : left.seconds < right.seconds
    }
}
