import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@Suite("Handshakes")
struct HandshakeTests {
    private typealias Vectors = HandshakeVectors
    private let pair = HandshakePair()

    // MARK: Vectors

    @Test("the symmetric state goes through the published vector of Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s")
    func publishedNoiseVector() throws {
        // From the vectors that cacophony, a library in Haskell, publishes, as snow's tests carry them.
        let payloads = ["4c756477696720766f6e204d69736573", "4d757272617920526f746862617264"].map { [UInt8](hex: $0) }
        let messages = [
            """
            ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944001e21de9f98ddd8e2ad57527207feb56253c9c94a\
            9e496782ecfcb2a75fbcaf1b52948cc48daefe660c62119ab5000980c84831215f2441eba616548e832985464cf17e51ee93109008\
            399a21f7e13f
            """,
            """
            95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843cb765f2caef0751b8f007572dab0322217755c0632\
            f365717edbf34d33e87a
            """,
        ].map { [UInt8](hex: $0) }
        let (s, rs) = (Vectors.initiator, Vectors.responder.publicKey)
        let (e, re) = (Vectors.initiatorEphemeral, PublicKey(hex: Array(messages[1][..<32]).hex))
        #expect(e.publicKey.bytes.bytes == Array(messages[0][..<32]))

        var state = SymmetricState(
            protocolName: "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", prologue: [UInt8](hex: "4a6f686e2047616c74").text)
        state.mixHash(rs)
        // e, es, s, ss, payload
        state.mixEphemeral(e.publicKey)
        state.mixKey(try #require(X25519.sharedSecret(e, rs)))
        #expect(seal(s.publicKey.bytes.bytes, &state) == Array(messages[0][32..<80]))
        state.mixKey(try #require(X25519.sharedSecret(s, rs)))
        #expect(seal(payloads[0], &state) == Array(messages[0][80...]))
        // e, ee, se, psk, payload
        state.mixEphemeral(re)
        state.mixKey(try #require(X25519.sharedSecret(e, re)))
        state.mixKey(try #require(X25519.sharedSecret(s, re)))
        state.mixPresharedKey(Vectors.presharedKey)
        #expect(open(Array(messages[1][32...]), &state) == payloads[1])

        // The first packets of the session.
        let keys = state.split()
        #expect(
            seal("F. A. Hayek".bytes, under: keys.initiator) == "8153ca9833bc3c1b91a7e66e5f4d4f5b59bf9e64c2f20d15f0bba7"
        )
        #expect(
            seal("Carl Menger".bytes, under: keys.responder) == "07af0c9c86e1b4e80f36b04ff7688d51141af3debd0332f0a705ef"
        )
    }

    private func seal(_ plaintext: [UInt8], _ state: inout SymmetricState) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        var room = sealed.mutableSpan
        state.seal(plaintext.span, into: &room)
        return sealed
    }

    private func open(_ sealed: [UInt8], _ state: inout SymmetricState) -> [UInt8]? {
        var plaintext = [UInt8](repeating: 0, count: sealed.count - 16)
        var room = plaintext.mutableSpan
        let isAuthentic = state.open(sealed.span, into: &room)
        return isAuthentic ? plaintext : nil
    }

    private func seal(_ plaintext: [UInt8], under key: SecretBytes) -> String {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        var room = sealed.mutableSpan
        let nothing: [UInt8] = []
        ChaCha20Poly1305.seal(plaintext.span, key: key, authenticating: nothing.span, into: &room)
        return sealed.hex
    }

    @Test("the initiator says what the vector says")
    func initiatorVector() throws {
        let (message, pending) = pair.initiate()
        // Its MACs are still to come.
        #expect(message == Array(Vectors.initiation[..<116]) + [UInt8](repeating: 0, count: 32))
        let keys = try #require(
            pending.consume(Vectors.response, local: pair.initiator, presharedKey: Vectors.presharedKey))
        #expect(keys.send.bytes.hex == Vectors.initiatorKey)
        #expect(keys.receive.bytes.hex == Vectors.responderKey)
        let others = try #require(
            pending.consume(Vectors.responseWithoutPresharedKey, local: pair.initiator))
        #expect(others.send.bytes.hex == Vectors.initiatorKeyWithoutPresharedKey)
        #expect(others.receive.bytes.hex == Vectors.responderKeyWithoutPresharedKey)
    }

    @Test("the responder says what the vector says")
    func responderVector() throws {
        let received = try #require(ReceivedInitiation(Vectors.initiation, local: pair.responder))
        #expect(received.publicKey == pair.initiator.publicKey)
        #expect(received.senderIndex == Vectors.initiatorIndex)
        #expect(received.timestamp(from: pair.initiatorSeen) == Vectors.timestamp)
        let (message, keys) = pair.respond(to: received, presharedKey: Vectors.presharedKey)
        #expect(message == Array(Vectors.response[..<60]) + [UInt8](repeating: 0, count: 32))
        #expect(keys.send.bytes.hex == Vectors.responderKey)
        #expect(keys.receive.bytes.hex == Vectors.initiatorKey)
        let others = pair.respond(to: received)
        #expect(others.message == Array(Vectors.responseWithoutPresharedKey[..<60]) + [UInt8](repeating: 0, count: 32))
        #expect(others.keys.send.bytes.hex == Vectors.responderKeyWithoutPresharedKey)
    }

    @Test("no preshared key is a preshared key of zeros")
    func zeroPresharedKey() {
        let zero = PresharedKey(secret: SecretBytes([UInt8](repeating: 0, count: 32)))
        let received = pair.receive(Vectors.initiation)!
        #expect(pair.respond(to: received, presharedKey: zero).message == pair.respond(to: received).message)
    }

    // MARK: Both sides

    @Test("random hosts agree, and on other keys each time", arguments: [false, true])
    func agreement(_ hasPresharedKey: Bool) throws {
        let presharedKey = hasPresharedKey ? PresharedKey.generate() : nil
        let pair = HandshakePair(.generate(), .generate())
        var seen: Set<[UInt8]> = []
        for _ in 0..<5 {
            let (message, pending) = pair.initiate(ephemeral: .generate())
            let received = try #require(pair.receive(message))
            let (response, theirs) = pair.respond(to: received, presharedKey: presharedKey, ephemeral: .generate())
            let ours = try #require(
                pending.consume(response, local: pair.initiator, presharedKey: presharedKey))
            #expect(ours.send.bytes == theirs.receive.bytes)
            #expect(ours.receive.bytes == theirs.send.bytes)
            #expect(seen.insert(ours.send.bytes).inserted && seen.insert(ours.receive.bytes).inserted)
        }
    }

    @Test("preshared keys that differ, or that only one has, give no session")
    func presharedKeysMustAgree() {
        let (message, pending) = pair.initiate()
        let received = pair.receive(message)!
        let keys: [PresharedKey?] = [nil, Vectors.presharedKey, .generate()]
        for (number, theirs) in keys.enumerated() {
            let response = pair.respond(to: received, presharedKey: theirs).message
            for (other, ours) in keys.enumerated() {
                let session = pending.consume(response, local: pair.initiator, presharedKey: ours)
                #expect((session != nil) == (number == other))
            }
        }
    }

    // MARK: Forgeries

    @Test("an initiation that was changed anywhere is refused")
    func forgedInitiations() {
        for bit in 0..<(116 * 8) {
            // The index is not part of the handshake; MAC1 covers it.
            if (4..<8).contains(bit / 8) { continue }
            #expect(pair.receive(Vectors.initiation.flipped(at: bit / 8, bit: bit % 8)) == nil, "bit \(bit)")
        }
        #expect(pair.receive(Vectors.initiation) != nil)
    }

    @Test("a response that was changed anywhere is refused, and the right one still taken")
    func forgedResponses() {
        let (_, pending) = pair.initiate()
        func accepts(_ response: [UInt8]) -> Bool {
            pending.consume(response, local: pair.initiator, presharedKey: Vectors.presharedKey) != nil
        }
        for bit in 0..<(60 * 8) {
            if (4..<8).contains(bit / 8) { continue }
            #expect(!accepts(Vectors.response.flipped(at: bit / 8, bit: bit % 8)), "bit \(bit)")
        }
        #expect(accepts(Vectors.response))
    }

    @Test("messages of another length or type are refused")
    func wrongSizes() {
        let (_, pending) = pair.initiate()
        for count in 0..<300 where count != Vectors.initiation.count {
            let message = Array((Vectors.initiation + [UInt8](repeating: 0, count: 300))[..<count])
            #expect(ReceivedInitiation(message, local: pair.responder) == nil)
        }
        for count in 0..<300 where count != Vectors.response.count {
            let message = Array((Vectors.response + [UInt8](repeating: 0, count: 300))[..<count])
            #expect(
                pending.consume(message, local: pair.initiator, presharedKey: Vectors.presharedKey) == nil)
        }
        #expect(ReceivedInitiation(Vectors.response, local: pair.responder) == nil)
    }

    @Test("what was meant for another host, or comes from another, is refused")
    func strangers() throws {
        let stranger = HandshakePair(.generate(), .generate())
        #expect(ReceivedInitiation(Vectors.initiation, local: stranger.responder) == nil)
        let received = try #require(ReceivedInitiation(Vectors.initiation, local: pair.responder))
        let other = RemoteIdentity(stranger.initiator.publicKey, local: pair.responder)
        #expect(received.timestamp(from: other) == nil)
        let response = received.respond(
            senderIndex: 1, ephemeral: .generate(), presharedKey: nil, remote: other)
        #expect(response == nil)
    }

    @Test("who knows a public key cannot speak for it")
    func impostor() throws {
        // The impostor sends the victim's public key, but its own secret makes the token `ss`.
        let impostor = LocalIdentity(.generate())
        let seen = RemoteIdentity(pair.responder.publicKey, local: impostor)
        let (message, _) = try #require(
            PendingInitiation.create(
                local: pair.initiator, remote: seen, senderIndex: 1, timestamp: Vectors.timestamp,
                ephemeral: .generate()))
        let received = try #require(ReceivedInitiation(message.bytes, local: pair.responder))
        #expect(received.publicKey == pair.initiator.publicKey)
        #expect(received.timestamp(from: pair.initiatorSeen) == nil)
    }

    @Test("points of low order are refused wherever they stand", arguments: lowOrderPoints)
    func lowOrder(_ point: String) {
        let remote = RemoteIdentity(PublicKey(hex: point), local: pair.initiator)
        let initiation = PendingInitiation.create(
            local: pair.initiator, remote: remote, senderIndex: 1, timestamp: Vectors.timestamp, ephemeral: .generate())
        #expect(initiation == nil)

        var message = Vectors.initiation
        message.replaceSubrange(8..<40, with: [UInt8](hex: point))
        #expect(ReceivedInitiation(message, local: pair.responder) == nil)

        let (_, pending) = pair.initiate()
        var response = Vectors.response
        response.replaceSubrange(12..<44, with: [UInt8](hex: point))
        #expect(pending.consume(response, local: pair.initiator) == nil)
    }
}
