import ByteText
import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Peers of one responder, each with an initiation ready to be sent. Its sender index tells whose it is.
struct Crowd {
    let initiations: [InitiationBytes]
    private let callers: [LocalIdentity]
    private let pending: [PendingInitiation]

    init(of count: Int, calling responder: PublicKey) {
        callers = (0..<count).map { _ in LocalIdentity(.generate()) }
        var initiations: [InitiationBytes] = []
        var pending: [PendingInitiation] = []
        for (index, caller) in callers.enumerated() {
            let remote = RemoteIdentity(responder, local: caller)
            var keeper = CookieKeeper(remote)
            var created = PendingInitiation.create(
                local: caller, remote: remote, senderIndex: UInt32(index),
                timestamp: TAI64N(HandshakeTime(seconds: 1_700_000_000, nanoseconds: 0)), ephemeral: .generate())!
            keeper.stamp(&created.message, Instant(nanoseconds: 0))
            initiations.append(created.message)
            pending.append(created.pending)
        }
        (self.initiations, self.pending) = (initiations, pending)
    }

    /// A file for `wg setconf`.
    func configuration(of responder: PrivateKey, port: UInt16) -> [UInt8] {
        var text = ByteBuffer()
        text.append("[Interface]\nListenPort = ")
        text.append(decimal: port)
        text.append("\nPrivateKey = ")
        responder.appendBase64(to: &text)
        for caller in callers {
            text.append("\n[Peer]\nPublicKey = ")
            caller.publicKey.appendBase64(to: &text)
        }
        text.append("\n")
        let span = text.span
        return span.indices.map { span[$0] }
    }

    /// Whether what came back are answers, by some of them.
    func check(_ responses: [[UInt8]]) throws {
        for response in responses.enumerated().filter({ $0.offset % 100 == 0 }).map(\.element) {
            let caller = Int(Response.receiverIndex(response.span))
            guard caller < callers.count,
                pending[caller].consume(response: response.span, local: callers[caller], presharedKey: nil) != nil
            else { throw RunError(description: "what came back is no answer to an initiation") }
        }
    }
}
