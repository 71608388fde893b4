import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// The keys of the published Noise vector, and messages that `noiseprotocol`, a library in Python that knows
/// nothing of WireGuard, made with them, WireGuard's prologue and payloads. Headers and MACs were put around them
/// as the paper says, the MACs computed by `hashlib`.
enum HandshakeVectors {
    static let initiator = PrivateKey(hex: "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1")
    static let initiatorEphemeral = PrivateKey(hex: "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a")
    static let responder = PrivateKey(hex: "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893")
    static let responderEphemeral = PrivateKey(hex: "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b")
    static let presharedKey = PresharedKey(
        secret: SecretBytes(hex: "54686973206973206d7920417573747269616e20706572737065637469766521"))

    static let initiatorIndex: UInt32 = 0x0102_0304
    static let responderIndex: UInt32 = 0xa1b2_c3d4
    /// 1,700,000,000.436207616 s after 1970.
    static let timestamp = TAI64N(bytes: InlineArray(hex: "400000006553f10a1a000000"))

    static let initiation = [UInt8](
        hex: """
            01000000\
            04030201\
            ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944\
            001e21de9f98ddd8e2ad57527207feb56253c9c94a9e496782ecfcb2a75fbcaf752d6cf9956f6a4cc1a138d6de1e8723\
            8cbd2c462d6bf53d9ec8361912099912c5bb92a6d2771a0fd4d79172\
            0a1fd28343b899e6ed5a35ede3d82a45\
            00000000000000000000000000000000
            """)
    static let response = [UInt8](
        hex: """
            02000000\
            d4c3b2a1\
            04030201\
            95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843\
            f7f8a5ddfd933d4031b019c110e64584\
            79c5fea87154ce526b666def76a5f454\
            00000000000000000000000000000000
            """)
    static let initiatorKey = "7a74d0adaa1882492a8eddc15272b5a5a230e111d86d430a5988596f2c4238ae"
    static let responderKey = "4dd78ec86daaa1034639ed326df9afecc3c47a881689e2a9f37a5e55a8131a2d"

    static let responseWithoutPresharedKey = [UInt8](
        hex: """
            02000000\
            d4c3b2a1\
            04030201\
            95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843\
            048236a14dc3b2c16a638fb8b0392c6f\
            fb134e704a497d59aece1995e1387adb\
            00000000000000000000000000000000
            """)
    static let initiatorKeyWithoutPresharedKey = "550e7ad836268eab13001e66b363ea04143f2912f4a5c863075546a513ae6740"
    static let responderKeyWithoutPresharedKey = "fbd57e11a93044ea22da83105401d052396bcb009e59c445f63a82e8dac4e704"

    /// To the initiation above, with the bytes 0 to 15 as the cookie and 100 to 123 as the nonce.
    static let cookieReply = [UInt8](
        hex: """
            03000000\
            04030201\
            6465666768696a6b6c6d6e6f707172737475767778797a7b\
            47d80e619ce1ed6329065ee43a1c62078465b9d6e77a246c3b23975d1e832ef5
            """)
    /// MAC2 of the initiation above under that cookie.
    static let mac2 = "6c1ccf4460240c78b849a97f52549e10"
}

/// Two hosts on their way through one handshake.
struct HandshakePair {
    let initiator: LocalIdentity
    let responder: LocalIdentity
    /// Each as the other one sees it.
    let initiatorSeen: RemoteIdentity
    let responderSeen: RemoteIdentity

    init(_ initiator: PrivateKey = HandshakeVectors.initiator, _ responder: PrivateKey = HandshakeVectors.responder) {
        (self.initiator, self.responder) = (LocalIdentity(initiator), LocalIdentity(responder))
        initiatorSeen = RemoteIdentity(self.initiator.publicKey, local: self.responder)
        responderSeen = RemoteIdentity(self.responder.publicKey, local: self.initiator)
    }

    func initiate(
        timestamp: TAI64N = HandshakeVectors.timestamp, ephemeral: PrivateKey = HandshakeVectors.initiatorEphemeral
    ) -> (message: [UInt8], pending: PendingInitiation) {
        let (message, pending) = PendingInitiation.create(
            local: initiator, remote: responderSeen, senderIndex: HandshakeVectors.initiatorIndex, timestamp: timestamp,
            ephemeral: ephemeral)!
        return (message.bytes, pending)
    }

    /// What the responder makes of a message: nil if it takes it for nobody's or not for the initiator's.
    func receive(_ message: [UInt8]) -> ReceivedInitiation? {
        guard let received = ReceivedInitiation(message.span, local: responder),
            received.timestamp(from: initiatorSeen) != nil
        else { return nil }
        return received
    }

    func respond(
        to received: ReceivedInitiation, presharedKey: PresharedKey? = nil,
        ephemeral: PrivateKey = HandshakeVectors.responderEphemeral
    ) -> (message: [UInt8], keys: SessionKeys) {
        let (message, keys) = received.respond(
            senderIndex: HandshakeVectors.responderIndex, ephemeral: ephemeral, presharedKey: presharedKey,
            remote: initiatorSeen)!
        return (message.bytes, keys)
    }
}
