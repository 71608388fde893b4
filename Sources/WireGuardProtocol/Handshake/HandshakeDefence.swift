internal import WireGuardKeys
internal import WireGuardModel

/// Keeps those who cannot be peers from costing us more than a hash (the paper's section 5.3).
struct HandshakeDefence {
    private var checker: CookieChecker?
    private var limiter = RateLimiter()
    private var underLoadUntil = Instant(nanoseconds: 0)

    enum Verdict {
        case admitted, invalidMAC1, tooMany
        case owesCookie(CookieReplyBytes)
    }

    mutating func identityChanged(_ publicKey: PublicKey?) { checker = publicKey.map { CookieChecker($0) } }

    /// Whether the interface is under load, given the number of waiting handshake messages.
    mutating func isUnderLoad(waiting: Int, _ now: Instant) -> Bool {
        if waiting >= Limits.handshakesUnderLoad { underLoadUntil = now + Limits.loadLasts }
        return now < underLoadUntil
    }

    mutating func judge(
        _ message: Span<UInt8>, from source: Endpoint, isUnderLoad: Bool, _ now: Instant, _ entropy: Entropy
    ) -> Verdict {
        guard checker != nil, checker!.hasValidMAC1(message) else { return .invalidMAC1 }
        guard isUnderLoad else { return .admitted }
        guard checker!.hasValidMAC2(message, from: source, now) else {
            return .owesCookie(checker!.reply(to: message, from: source, now, entropy))
        }
        return limiter.allows(source.address, now) ? .admitted : .tooMany
    }
}
