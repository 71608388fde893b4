package import WireGuardKeys

/// Writes the MACs of handshake messages to one peer, and keeps the cookie that the peer last gave us (the
/// paper's sections 5.4.4 and 5.4.7).
package struct CookieKeeper: Sendable {
    private let keys: MACKeys
    private var cookie: MACBytes?
    private var cookieTakenAt = Instant(nanoseconds: 0)
    /// MAC1 of the last message, until a cookie has come for it.
    private var unansweredMAC1: MACBytes?

    /// For messages to the owner of this key.
    package init(_ receiver: PublicKey) { keys = MACKeys(receiver) }

    package init(_ remote: RemoteIdentity) { self.init(remote.publicKey) }

    /// Writes MAC1 and, with a fresh cookie, MAC2 into an otherwise finished initiation or response.
    package mutating func stamp<let count: Int>(_ message: inout InlineArray<count, UInt8>, _ now: Instant) {
        let mac1 = keys.mac1(of: message.span)
        message.set(mac1, at: MessageMACs.mac1(in: count))
        unansweredMAC1 = mac1
        guard let cookie, now.since(cookieTakenAt) < Limits.cookieUse else { return }
        message.set(MACKeys.mac2(of: message.span, cookie: cookie), at: MessageMACs.mac2(in: count))
    }

    /// Takes the cookie out of a reply to the last message. False, and nothing changes, if it is not one.
    package mutating func consume(reply: Span<UInt8>, _ now: Instant) -> Bool {
        guard MessageType(classifying: reply) == .cookieReply, let mac1 = unansweredMAC1 else { return false }
        var cookie = MACBytes(repeating: 0)
        var field = cookie.mutableSpan
        let nonce = XChaCha20Poly1305.Nonce { reply[CookieReply.nonce.lowerBound + $0] }
        guard
            XChaCha20Poly1305.open(
                reply.extracting(CookieReply.sealedCookie), key: keys.cookie, nonce: nonce, authenticating: mac1.span,
                into: &field)
        else { return false }
        (self.cookie, cookieTakenAt, unansweredMAC1) = (cookie, now, nil)
        return true
    }
}
