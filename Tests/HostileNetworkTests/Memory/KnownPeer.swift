import ByteText
import Glibc
import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// A peer of a site that reveals all secrets which both share. It speaks the protocol over one socket.
final class KnownPeer {
    static let innerAddress = "10.9.0.77"

    let identity = LocalIdentity(.generate())
    let presharedKey = PresharedKey.generate()
    private let site: Site
    private let socket: DatagramSocket
    private var timestamp = TAI64N(HandshakeTime(seconds: 1_700_000_000, nanoseconds: 0))
    private var cipher = PacketCipher()
    private var session: (keys: SessionKeys, index: UInt32)?
    private var nextCounter: UInt64 = 0

    /// Configures itself as a peer of the site.
    init(of site: Site) throws {
        self.site = site
        socket = try DatagramSocket()
        let file = "\(Arena.files)/preshared"
        try write(presharedKey.base64Text, to: file)
        try site.set(
            "peer", identity.publicKey.base64Text, "preshared-key", file, "endpoint", "127.0.0.1:\(socket.port)",
            "allowed-ips", Self.innerAddress + "/32")
        unlink(file)
    }

    /// The site's identity with its current key.
    private var remote: RemoteIdentity { RemoteIdentity(site.publicKey, local: identity) }

    var publicKeyText: String { identity.publicKey.base64Text }

    /// The static-static secret ss, which is the same in all handshakes.
    func staticShared(with publicKey: PublicKey) -> Secret {
        Secret("ss", X25519.sharedSecret(identity.privateKey, publicKey)!)
    }

    // MARK: Handshakes

    /// Initiates a session, and confirms it. Also returns the site's ephemeral public key.
    func initiate() throws -> (secrets: HandshakeSecrets, ephemeral: PublicKey) {
        // The site accepts one initiation every 20 ms, each with a later timestamp than all before.
        usleep(50_000)
        timestamp = timestamp.successor
        let (remote, ephemeral) = (remote, PrivateKey.generate())
        var keeper = CookieKeeper(remote)
        var (initiation, pending) = PendingInitiation.create(
            local: identity, remote: remote, senderIndex: 7, timestamp: timestamp, ephemeral: ephemeral)!
        keeper.stamp(&initiation, Instant(nanoseconds: 0))
        try socket.send(initiation.indices.map { initiation[$0] }, to: site.port)
        let response = try message(ofType: 2)
        let siteEphemeral = PublicKey(raw: Array(response[12..<44]).span)!
        guard let keys = pending.consume(response: response.span, local: identity, presharedKey: presharedKey) else {
            throw RunError(description: "the site's response is not right")
        }
        try begin(keys, index: Response.senderIndex(response.span))
        let secrets = HandshakeSecrets(
            initiator: ephemeral.publicKey, responder: siteEphemeral, es: shared(ephemeral, site.publicKey),
            ss: shared(identity.privateKey, site.publicKey), ee: shared(ephemeral, siteEphemeral),
            se: shared(identity.privateKey, siteEphemeral), presharedKey: presharedKey)
        return (secrets, siteEphemeral)
    }

    /// Waits for an initiation from the site.
    func initiation() throws -> [UInt8] { try message(ofType: 1) }

    /// The ephemeral public key in an initiation.
    static func ephemeral(in initiation: [UInt8]) -> PublicKey { PublicKey(raw: Array(initiation[8..<40]).span)! }

    /// Answers an initiation from the site.
    func answer(_ initiation: [UInt8]) throws -> HandshakeSecrets {
        let (remote, ephemeral) = (remote, PrivateKey.generate())
        guard let received = ReceivedInitiation(initiation.span, local: identity),
            let answer = received.respond(
                senderIndex: 8, ephemeral: ephemeral, presharedKey: presharedKey, remote: remote)
        else { throw RunError(description: "the site's initiation is not right") }
        var response = answer.message
        var keeper = CookieKeeper(remote)
        keeper.stamp(&response, Instant(nanoseconds: 0))
        try socket.send(response.indices.map { response[$0] }, to: site.port)
        // The staged packet that caused the handshake.
        _ = try message(ofType: 4)
        try begin(answer.keys, index: received.senderIndex)
        let siteEphemeral = Self.ephemeral(in: initiation)
        return HandshakeSecrets(
            initiator: siteEphemeral, responder: ephemeral.publicKey, es: shared(identity.privateKey, siteEphemeral),
            ss: shared(identity.privateKey, site.publicKey), ee: shared(ephemeral, siteEphemeral),
            se: shared(ephemeral, site.publicKey), presharedKey: presharedKey)
    }

    private func shared(_ privateKey: PrivateKey, _ publicKey: PublicKey) -> SecretBytes {
        X25519.sharedSecret(privateKey, publicKey)!
    }

    private func begin(_ keys: SessionKeys, index: UInt32) throws {
        (session, nextCounter) = ((keys, index), 0)
        try send([])
    }

    private func message(ofType type: UInt8) throws -> [UInt8] {
        var found: [UInt8]?
        _ = waits {
            while found == nil, let message = socket.receive() { if message[0] == type { found = message } }
            return found != nil
        }
        guard let found else { throw RunError(description: "no message of type \(type)") }
        return found
    }

    // MARK: Data

    /// Sends inner datagrams of several lengths, some of them at once.
    func talk() throws {
        for length in [0, 1, 64, 700, 1300] {
            var packet = InnerPackets()
            packet.isTCP = false
            (packet.source, packet.destination) = ([10, 9, 0, 77], [10, 9, 0, 1])
            packet.payload = [UInt8](repeating: 0, count: length)
            for _ in 0..<20 { try send(packet.bytes) }
        }
    }

    /// Makes the site send some packets under the session.
    func listen() throws {
        _ = try site.inner.run {
            try run("ping", ["-c", "20", "-i", "0.002", "-s", "900", "-W", "1", Self.innerAddress])
        }
        _ = try message(ofType: 4)
    }

    private func send(_ packet: [UInt8]) throws {
        guard let (keys, index) = session else { throw RunError(description: "there is no session") }
        let padded = (packet.count + 15) & ~15
        var message = [UInt8](repeating: 0, count: MessageSize.data(content: padded))
        message.replaceSubrange(DataHeader.size..<DataHeader.size + packet.count, with: packet)
        let counter = nextCounter
        nextCounter += 1
        message.withUnsafeMutableBytes { bytes in
            DataHeader(receiverIndex: index, counter: counter).write(to: bytes.baseAddress!)
            let content = (bytes.baseAddress! + DataHeader.size).assumingMemoryBound(to: UInt8.self)
            var job = UnsafeCipherJob(source: content, destination: content, count: padded, counter: counter)
            let key = keys.send
            withUnsafeMutablePointer(to: &job) {
                cipher.seal(UnsafeMutableBufferPointer(start: $0, count: 1), key: key.span)
            }
        }
        try socket.send(message, to: site.port)
    }
}

/// Writes a file that only its owner may read.
private func write(_ text: String, to file: String) throws {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    try check(Int(descriptor), file)
    defer { close(descriptor) }
    let bytes = Array((text + "\n").utf8)
    try check(Glibc.write(descriptor, bytes, bytes.count), file)
}

extension SecretKey {
    var base64Text: String { text { appendBase64(to: &$0) } }
}

extension PublicKey {
    var base64Text: String { text { appendBase64(to: &$0) } }
}

private func text(_ append: (inout ByteBuffer) -> Void) -> String {
    var text = ByteBuffer(capacity: 64)
    append(&text)
    return String(decoding: text.span.indices.map { text.span[$0] }, as: UTF8.self)
}
