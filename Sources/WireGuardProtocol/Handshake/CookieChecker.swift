internal import CSodium
package import WireGuardKeys
package import WireGuardModel

/// Checks the MACs of handshake messages to us, and makes the cookies that MAC2 proves (the paper's section 5.4.7).
///
/// Messages are initiations and responses, classified as such.
package struct CookieChecker: Sendable {
    private let keys: MACKeys
    /// What cookies are made from, anew every two minutes.
    private var secret: SecretBytes?
    private var secretMadeAt = Instant(nanoseconds: 0)

    package init(_ publicKey: PublicKey) { keys = MACKeys(publicKey) }

    /// Whether the sender knows our public key.
    package func hasValidMAC1(_ message: Span<UInt8>) -> Bool {
        MACKeys.areEqual(keys.mac1(of: message), message.extracting(MessageMACs.mac1(in: message.count)))
    }

    /// Whether the sender has shown to receive at the address and port that it sends from, in the last minutes.
    package func hasValidMAC2(_ message: Span<UInt8>, from source: Endpoint, _ now: Instant) -> Bool {
        guard let secret = validSecret(now) else { return false }
        let mac = MACKeys.mac2(of: message, cookie: Self.cookie(secret, source))
        return MACKeys.areEqual(mac, message.extracting(MessageMACs.mac2(in: message.count)))
    }

    /// A cookie for the sender of a message. Only who has sent or seen that message can read it.
    package mutating func reply(
        to message: Span<UInt8>, from source: Endpoint, _ now: Instant, _ entropy: Entropy
    ) -> CookieReplyBytes {
        let cookie = Self.cookie(refreshedSecret(now, entropy), source)
        let nonce = entropy.bytes(XChaCha20Poly1305.Nonce.self)
        var reply = CookieReplyBytes(repeating: 0)
        reply.set(.cookieReply)
        // Of an initiation and a response alike the sender's index comes first.
        reply.set(Initiation.senderIndex(message), at: CookieReply.receiver)
        reply.set(nonce, at: CookieReply.nonce)
        reply.withField(CookieReply.sealedCookie) { sealed in
            XChaCha20Poly1305.seal(
                cookie.span, key: keys.cookie, nonce: nonce,
                authenticating: message.extracting(MessageMACs.mac1(in: message.count)), into: &sealed)
        }
        return reply
    }

    private func validSecret(_ now: Instant) -> SecretBytes? {
        now.since(secretMadeAt) < Limits.cookieLifetime ? secret : nil
    }

    private mutating func refreshedSecret(_ now: Instant, _ entropy: Entropy) -> SecretBytes {
        if let secret = validSecret(now) { return secret }
        let new = entropy.secret()
        (secret, secretMadeAt) = (new, now)
        return new
    }

    /// A MAC of address and port.
    private static func cookie(_ secret: SecretBytes, _ source: Endpoint) -> MACBytes {
        var place = InlineArray<18, UInt8>(repeating: 0)
        let address = source.address.networkBytes
        let count = source.address.family.byteCount
        for index in 0..<count { place[index] = address[index] }
        place[count] = UInt8(source.port >> 8)
        place[count + 1] = UInt8(truncatingIfNeeded: source.port)
        return Blake2s.mac(key: secret.span, place.span.extracting(first: count + 2))
    }
}
