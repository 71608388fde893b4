internal import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// Reads what follows the line `set=1` of a request, line by line, as wireguard-go does.
///
/// The keys of the interface stand in front of the first `public_key`, those of a peer behind its own.
/// Nothing is changed before the request has ended well: one that is refused leaves the interface as it was.
package struct UAPISetParser {
    /// Peers and allowed-ips that one request may name, together: room for the million peers that a kernel's
    /// interface may have, with three allowed-ips each.
    package static let mostEntries = 1 << 22

    private var update: DeviceUpdate
    private var peer: PeerUpdate?
    private var entries = 0

    package init(for name: InterfaceName) { update = DeviceUpdate(name: name) }

    /// Takes the next line, which is not empty. After a refusal the parser is of no more use.
    package mutating func take(line: Span<UInt8>) throws(UAPIRefusal) {
        guard let equals = line.firstIndex(of: ASCII.equals) else { throw .malformedLine }
        let value = line.extracting((equals + 1)...)
        let isKnown: Bool
        if line.starts(with: "public_key=") {
            try beginPeer(value)
            isKnown = true
        } else if peer == nil {
            isKnown = try update.takeField(line, value)
        } else {
            if line.starts(with: "allowed_ip=") { try count() }
            isKnown = try peer!.takeField(line, value)
        }
        guard isKnown else { throw .invalidField }
    }

    /// How many peers and allowed-ips there are so far.
    package var entryCount: Int { entries }

    /// The whole of the request, at its empty line.
    package consuming func finish() -> DeviceUpdate {
        endPeer()
        return update
    }

    private mutating func beginPeer(_ key: Span<UInt8>) throws(UAPIRefusal) {
        endPeer()
        try count()
        peer = PeerUpdate(publicKey: try valid(PublicKey(hex: key)))
    }

    private mutating func endPeer() {
        if let ended = peer.take() { update.peers.append(ended) }
    }

    private mutating func count() throws(UAPIRefusal) {
        entries += 1
        guard entries <= Self.mostEntries else { throw .tooLong }
    }
}

extension DeviceUpdate {
    /// False for a key that is not known.
    fileprivate mutating func takeField(_ line: Span<UInt8>, _ value: Span<UInt8>) throws(UAPIRefusal) -> Bool {
        if line.starts(with: "private_key=") {
            let change: KeyChange<PrivateKey> = try keyChange(value)
            privateKey = if case .set(let key) = change { .set(key.clamped) } else { .clear }
        } else if line.starts(with: "listen_port=") {
            listenPort = try valid(value.decimal())
        } else if line.starts(with: "fwmark=") {
            fwmark = try valid(value.decimal())
        } else if line.starts(with: "replace_peers=") {
            replacePeers = try isTrue(value)
        } else {
            return false
        }
        return true
    }
}

extension PeerUpdate {
    /// False for a key that is not known. The commonest keys of large requests come first.
    fileprivate mutating func takeField(_ line: Span<UInt8>, _ value: Span<UInt8>) throws(UAPIRefusal) -> Bool {
        if line.starts(with: "allowed_ip=") {
            allowedIPs.append(try valid(AllowedIPChange(uapi: value)))
        } else if line.starts(with: "replace_allowed_ips=") {
            replaceAllowedIPs = try isTrue(value)
            // Those in front of it would be added and dropped again.
            allowedIPs = []
        } else if line.starts(with: "endpoint=") {
            endpoint = try valid(Endpoint(uapi: value))
        } else if line.starts(with: "persistent_keepalive_interval=") {
            persistentKeepalive = try valid(value.decimal())
        } else if line.starts(with: "preshared_key=") {
            presharedKey = try keyChange(value)
        } else if line.starts(with: "remove=") {
            remove = try isTrue(value)
        } else if line.starts(with: "update_only=") {
            updateOnly = try isTrue(value)
        } else if line.starts(with: "protocol_version=") {
            guard value.equals("1") else { throw .invalidField }
        } else {
            return false
        }
        return true
    }
}

/// A key of zeros clears.
private func keyChange<Key: SecretKey>(_ hex: Span<UInt8>) throws(UAPIRefusal) -> KeyChange<Key> {
    let key = try valid(Key(hex: hex))
    return key.isZero ? .clear : .set(key)
}

/// The protocol has no way to say false.
private func isTrue(_ value: Span<UInt8>) throws(UAPIRefusal) -> Bool {
    guard value.equals("true") else { throw .invalidField }
    return true
}

private func valid<Value>(_ value: Value?) throws(UAPIRefusal) -> Value {
    guard let value else { throw .invalidField }
    return value
}
