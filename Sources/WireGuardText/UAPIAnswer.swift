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
    private let lookUp: (EndpointName) -> Endpoint?

    /// `lookUp` reads the endpoints that are no plain address and port, such as one with a scope.
    package init(from name: InterfaceName, lookUp: @escaping (EndpointName) -> Endpoint?) {
        device = Device(name: name)
        device.peers.reserveCapacity(Device.roomForPeers)
        self.lookUp = lookUp
    }

    /// Takes the next line; false when it is the empty one that ends the answer.
    ///
    /// The interface's keys count up to the first peer, a peer's from there on; others are passed over.
    package mutating func take(line: Span<UInt8>) throws(Malformed) -> Bool {
        guard !line.isEmpty else { return false }
        if let key = line.value(of: "public_key=") {
            device.peers.append(Peer(publicKey: try required(PublicKey(hex: key))))
        } else if let code = line.value(of: "errno=") {
            errorCode = try required(code.decimal())
            guard errorCode! <= UInt32(Int32.max) else { throw Malformed() }
        } else {
            let peer = device.peers.count - 1
            let isKnown = peer < 0 ? try device.takeField(line) : try device.peers[peer].takeField(line, lookUp)
            guard isKnown || line.isField else { throw Malformed() }
        }
        return true
    }
}

extension Device {
    /// False for a key that is not known.
    fileprivate mutating func takeField(_ line: Span<UInt8>) throws(UAPIAnswer.Malformed) -> Bool {
        if let value = line.value(of: "private_key=") {
            let key = try required(PrivateKey(hex: value))
            privateKey = key
            publicKey = key.publicKey
        } else if let value = line.value(of: "listen_port=") {
            listenPort = try required(value.decimal())
        } else if let value = line.value(of: "fwmark=") {
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
        _ line: Span<UInt8>, _ lookUp: (EndpointName) -> Endpoint?
    ) throws(UAPIAnswer.Malformed) -> Bool {
        if let value = line.value(of: "allowed_ip=") {
            allowedIPs.append(try allowedIP(value))
        } else if let value = line.value(of: "endpoint=") {
            endpoint = try readEndpoint(value, lookUp)
        } else if let value = line.value(of: "rx_bytes=") {
            received = try byteCount(value)
        } else if let value = line.value(of: "tx_bytes=") {
            sent = try byteCount(value)
        } else if let value = line.value(of: "last_handshake_time_sec=") {
            latestHandshake.seconds = try time(value)
        } else if let value = line.value(of: "last_handshake_time_nsec=") {
            latestHandshake.nanoseconds = try time(value)
        } else if let value = line.value(of: "persistent_keepalive_interval=") {
            persistentKeepalive = try required(value.decimal())
        } else if let value = line.value(of: "preshared_key=") {
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
    /// What stands behind `key`, which ends with the equals sign; nil when another key stands here.
    @inline(__always)
    @_lifetime(copy self)
    fileprivate func value(of key: StaticString) -> Span<UInt8>? {
        starts(with: key) ? extracting(key.utf8CodeUnitCount...) : nil
    }

    /// Whether this may be a field that we do not know. Those that we know have no room for a NUL.
    fileprivate var isField: Bool {
        firstIndex(of: ASCII.equals) != nil && firstIndex(of: 0) == nil
    }

    /// Whether this is how daemons write that there is no preshared key.
    fileprivate var isZeroKey: Bool {
        equals("0000000000000000000000000000000000000000000000000000000000000000")
    }
}
