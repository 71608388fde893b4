internal import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// Reads what a userspace daemon answers to `get=1`, line by line.
package struct UAPIAnswer {
    /// The answer breaks the protocol.
    package struct Malformed: Error {}

    package private(set) var device: Device
    /// As the answer gives it; nil until it does.
    package private(set) var errorCode: UInt32?
    private var peer: Peer?
    private let lookUp: (EndpointName) -> Endpoint?

    /// `lookUp` reads the endpoints that are no plain address and port, such as one with a scope.
    package init(from name: InterfaceName, lookUp: @escaping (EndpointName) -> Endpoint?) {
        device = Device(name: name)
        self.lookUp = lookUp
    }

    /// Takes the next line; false when it is the empty one that ends the answer.
    ///
    /// The interface's keys count up to the first peer, a peer's from there on; others are passed over.
    package mutating func take(line: Span<UInt8>) throws(Malformed) -> Bool {
        if line.isEmpty {
            endPeer()
            return false
        }
        guard let equals = line.firstIndex(of: ASCII.equals) else { throw Malformed() }
        let key = line.extracting(..<equals)
        let value = line.extracting((equals + 1)...)
        if key.equals("public_key") {
            endPeer()
            peer = Peer(publicKey: try required(PublicKey(hex: value)))
        } else if key.equals("errno") {
            errorCode = try required(value.decimal())
            guard errorCode! <= UInt32(Int32.max) else { throw Malformed() }
        } else {
            let isKnown =
                peer == nil ? try device.takeField(key, value) : try peer!.takeField(key, value, lookUp)
            // The values of known keys have no room for a NUL.
            guard isKnown || line.firstIndex(of: 0) == nil else { throw Malformed() }
        }
        return true
    }

    private mutating func endPeer() {
        if let ended = peer.take() { device.peers.append(ended) }
    }
}

extension Device {
    /// False for a key that is not known.
    fileprivate mutating func takeField(_ key: Span<UInt8>, _ value: Span<UInt8>) throws(UAPIAnswer.Malformed) -> Bool {
        if key.equals("private_key") {
            let key = try required(PrivateKey(hex: value))
            privateKey = key
            publicKey = key.publicKey
        } else if key.equals("listen_port") {
            listenPort = try required(value.decimal())
        } else if key.equals("fwmark") {
            fwmark = try required(value.decimal())
        } else {
            return false
        }
        return true
    }
}

extension Peer {
    /// False for a key that is not known. The commonest keys of large answers come first.
    fileprivate mutating func takeField(
        _ key: Span<UInt8>, _ value: Span<UInt8>, _ lookUp: (EndpointName) -> Endpoint?
    ) throws(UAPIAnswer.Malformed) -> Bool {
        if key.equals("allowed_ip") {
            allowedIPs.append(try allowedIP(value))
        } else if key.equals("endpoint") {
            endpoint = try readEndpoint(value, lookUp)
        } else if key.equals("rx_bytes") {
            received = try byteCount(value)
        } else if key.equals("tx_bytes") {
            sent = try byteCount(value)
        } else if key.equals("last_handshake_time_sec") {
            latestHandshake.seconds = try time(value)
        } else if key.equals("last_handshake_time_nsec") {
            latestHandshake.nanoseconds = try time(value)
        } else if key.equals("persistent_keepalive_interval") {
            persistentKeepalive = try required(value.decimal())
        } else if key.equals("preshared_key") {
            presharedKey = value.isZeroKey ? nil : try required(PresharedKey(hex: value))
        } else {
            return false
        }
        return true
    }

    private func allowedIP(_ text: Span<UInt8>) throws(UAPIAnswer.Malformed) -> AllowedIP {
        guard let slash = text.firstIndex(of: ASCII.slash), let address = IPAddress(text: text.extracting(..<slash))
        else { throw UAPIAnswer.Malformed() }
        // As the reference reads it: any number, of which eight bits count.
        let length: UInt64 = try required(text.extracting((slash + 1)...).decimal())
        return try required(AllowedIP(address, prefixLength: UInt8(truncatingIfNeeded: length)))
    }

    private func readEndpoint(
        _ text: Span<UInt8>, _ lookUp: (EndpointName) -> Endpoint?
    ) throws(UAPIAnswer.Malformed) -> Endpoint {
        if let endpoint = Endpoint(numeric: text) { return endpoint }
        guard let name = try? EndpointName(ByteString(copying: text)) else { throw UAPIAnswer.Malformed() }
        return try required(lookUp(name))
    }

    private func time(_ text: Span<UInt8>) throws(UAPIAnswer.Malformed) -> Int64 {
        let number: UInt64 = try required(text.decimal())
        return try required(Int64(exactly: number))
    }

    /// A count above what 64 bits hold stays at the largest.
    private func byteCount(_ text: Span<UInt8>) throws(UAPIAnswer.Malformed) -> UInt64 {
        if let count: UInt64 = text.decimal() { return count }
        guard !text.isEmpty, text.indices.allSatisfy({ ASCII.isDigit(text[$0]) }) else { throw UAPIAnswer.Malformed() }
        return .max
    }
}

private func required<Value>(_ value: Value?) throws(UAPIAnswer.Malformed) -> Value {
    guard let value else { throw UAPIAnswer.Malformed() }
    return value
}

extension Span<UInt8> {
    /// Whether this is how daemons write that there is no preshared key.
    fileprivate var isZeroKey: Bool {
        equals("0000000000000000000000000000000000000000000000000000000000000000")
    }
}
