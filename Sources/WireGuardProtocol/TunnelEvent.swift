package import WireGuardKeys
package import WireGuardModel

/// What a tunnel tells those who trace it: values, of which others make words. No event holds a secret.
package enum TunnelEvent: Equatable, Sendable {
    case peer(PublicKey, PeerEvent)
    case privateKeySet
    case privateKeyCleared
    /// A message from this source was dropped.
    case refused(Refusal, from: Endpoint)
    /// Under load, in the place of an answer to a handshake message.
    case cookieReplySent(to: Endpoint)
    /// A packet in the tunnel has a destination of no peer.
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
    /// No response within `Limits.rekeyTimeout`: an initiation of this number, from 2, follows.
    case handshakeUnanswered(attempt: Int)
    /// No response within `Limits.rekeyAttemptTime`.
    case handshakeGivenUp
    /// The peer has not answered data for 15 s: a handshake follows.
    case silent
    /// An initiation whose timestamp is not later than that of an earlier one.
    case initiationReplayed
    /// An initiation less than `Limits.initiationInterval` after the last one.
    case initiationTooEarly
    /// There have been no new session keys for `Limits.zeroKeysAfter`.
    case keysErased

    // MARK: Packets

    case keepaliveSent
    case keepaliveReceived
    /// An authenticated packet came from another endpoint than the one before.
    case roamed(to: Endpoint)
    /// A packet in the tunnel had a source that is none of the peer's allowed-ips.
    case sourceNotAllowed(IPAddress)
    /// A packet for the peer, whose endpoint is not known.
    case noEndpoint
}

/// Why a message from the network was dropped.
package enum Refusal: Equatable, Sendable {
    case invalidMAC1
    case invalidInitiation
    /// An initiation by this key.
    case unknownPeer(PublicKey)
    case invalidResponse
    case invalidCookieReply
    /// Under load: more handshake messages than `RateLimiter` allows one source.
    case tooMany
}

extension TunnelEvent {
    /// Those that whoever can send us packets may cause at any rate. Whoever writes them down limits each kind.
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

/// Where events go. Nowhere unless a trace was asked for: an event is then not even made.
struct EventSink: Sendable {
    let take: (@Sendable (TunnelEvent) -> Void)?

    @inline(__always)
    func callAsFunction(_ event: @autoclosure () -> TunnelEvent) {
        if let take { take(event()) }
    }
}
