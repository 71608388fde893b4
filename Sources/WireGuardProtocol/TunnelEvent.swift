package import WireGuardKeys
package import WireGuardModel

/// An event that a tunnel reports to its trace: a value, which the log turns into text. No event holds a secret.
package enum TunnelEvent: Equatable, Sendable {
    case peer(PublicKey, PeerEvent)
    case privateKeySet
    case privateKeyCleared
    /// A message from this source was dropped.
    case refused(Refusal, from: Endpoint)
    /// A cookie reply was sent under load, instead of an answer to a handshake message.
    case cookieReplySent(to: Endpoint)
    /// A packet from the TUN device has a destination in no peer's allowed-ips.
    case noAllowedIP(for: IPAddress)
}

package enum PeerEvent: Equatable, Sendable {
    // MARK: Configuration

    case added
    case removed
    case endpointSet(Endpoint)
    case presharedKeySet
    case presharedKeyCleared
    /// Seconds; 0 for off.
    case persistentKeepaliveSet(UInt16)
    case allowedIPsChanged

    // MARK: Handshakes

    case initiationSent
    case initiationReceived
    case responseSent
    case responseReceived
    case cookieReceived
    /// No response came within `Limits.rekeyTimeout`: an initiation of this number, from 2 on, follows.
    case handshakeUnanswered(attempt: Int)
    /// No response came within `Limits.rekeyAttemptTime`.
    case handshakeGivenUp
    /// The peer has not answered data for 15 s: a handshake follows.
    case silent
    /// An initiation came whose timestamp is not later than that of an earlier one.
    case initiationReplayed
    /// An initiation came less than `Limits.initiationInterval` after the last one.
    case initiationTooEarly
    /// There have been no new session keys for `Limits.zeroKeysAfter`.
    case keysErased

    // MARK: Packets

    case keepaliveSent
    case keepaliveReceived
    /// An authenticated packet came from another endpoint than the one before.
    case roamed(to: Endpoint)
    /// A decrypted packet had a source outside the peer's allowed-ips.
    case sourceNotAllowed(IPAddress)
    /// A packet for the peer was not sent: its endpoint is not known.
    case noEndpoint
}

/// Why a message from the network was dropped.
package enum Refusal: Equatable, Sendable {
    case invalidMAC1
    case invalidInitiation
    /// An initiation by this static public key.
    case unknownPeer(PublicKey)
    case invalidResponse
    case invalidCookieReply
    /// Under load: more handshake messages than `RateLimiter` allows per source.
    case tooMany
}

extension TunnelEvent {
    /// The kind of an event that anyone who can send us packets may cause at any rate: the log limits each kind.
    package var floodKind: FloodKind? {
        switch self {
        case .refused: .refusal
        case .cookieReplySent: .cookieReply
        case .noAllowedIP, .peer(_, .noEndpoint): .undeliverable
        case .peer(_, .sourceNotAllowed): .sourceNotAllowed
        case .peer(_, .initiationReplayed), .peer(_, .initiationTooEarly): .replay
        case .peer(_, .roamed): .roaming
        default: nil
        }
    }

    package enum FloodKind: Int, CaseIterable, Sendable {
        case refusal, cookieReply, undeliverable, sourceNotAllowed, replay, roaming
    }
}

/// Passes events to the trace. Without a trace an event is not even made.
struct EventSink: Sendable {
    let take: (@Sendable (TunnelEvent) -> Void)?

    @inline(__always)
    func callAsFunction(_ event: @autoclosure () -> TunnelEvent) {
        if let take { take(event()) }
    }
}
