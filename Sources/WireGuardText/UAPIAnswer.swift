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
    package mutating func take(line: Span<UInt8>) throws(Malformed) -> Bool {
        if line.isEmpty {
            endPeer()
            return false
        }
        guard line.firstIndex(of: 0) == nil, let equals = line.firstIndex(of: ASCII.equals) else { throw Malformed() }
        let key = line.extracting(..<equals)
        let value = line.extracting((equals + 1)...)
        if key.equals("public_key") {
            try startPeer(value)
        } else if key.equals("errno") {
            errorCode = try required(value.decimal())
            if errorCode! > UInt32(Int32.max) { throw Malformed() }
        } else if peer == nil {
            try device.takeField(key, value)
        } else {
            try takePeerField(key, value)
        }
        return true
    }

    private mutating func startPeer(_ value: Span<UInt8>) throws(Malformed) {
        endPeer()
        peer = Peer(publicKey: try required(PublicKey(hex: value)))
    }

    private mutating func endPeer() {
        if let peer { device.peers.append(peer) }
        peer = nil
    }

    private mutating func takePeerField(_ key: Span<UInt8>, _ value: Span<UInt8>) throws(Malformed) {
        if key.equals("allowed_ip") {
            peer!.allowedIPs.append(try allowedIP(value))
        } else if key.equals("endpoint") {
            peer!.endpoint = try endpoint(value)
        } else {
            try peer!.takeField(key, value)
        }
    }

    private func endpoint(_ text: Span<UInt8>) throws(Malformed) -> Endpoint {
        if let endpoint = Endpoint(numeric: text) { return endpoint }
        guard let name = try? EndpointName(ByteString(copying: text)), let endpoint = lookUp(name) else {
            throw Malformed()
        }
        return endpoint
    }

    private func allowedIP(_ text: Span<UInt8>) throws(Malformed) -> AllowedIP {
        guard let slash = text.firstIndex(of: ASCII.slash), let address = IPAddress(text: text.extracting(..<slash)),
            let allowedIP = AllowedIP(
                address, prefixLength: UInt8(truncatingIfNeeded: try required(text.extracting((slash + 1)...).decimal() as UInt64?)))
        else { throw Malformed() }
        return allowedIP
    }
}

private func required<Value>(_ value: Value?) throws(UAPIAnswer.Malformed) -> Value {
    guard let value else { throw UAPIAnswer.Malformed() }
    return value
}

extension Device {
    fileprivate mutating func takeField(_ key: Span<UInt8>, _ value: Span<UInt8>) throws(UAPIAnswer.Malformed) {
        if key.equals("private_key") {
            let key = try required(PrivateKey(hex: value))
            privateKey = key
            publicKey = key.publicKey
        } else if key.equals("listen_port") {
            listenPort = try required(value.decimal())
        } else if key.equals("fwmark") {
            fwmark = try required(value.decimal())
        }
    }
}

extension Peer {
    fileprivate mutating func takeField(_ key: Span<UInt8>, _ value: Span<UInt8>) throws(UAPIAnswer.Malformed) {
        if key.equals("rx_bytes") {
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
        }
    }

    private func time(_ text: Span<UInt8>) throws(UAPIAnswer.Malformed) -> Int64 {
        guard let time = Int64(exactly: try required(text.decimal() as UInt64?)) else { throw UAPIAnswer.Malformed() }
        return time
    }

    /// A count above what 64 bits hold stays at the largest.
    private func byteCount(_ text: Span<UInt8>) throws(UAPIAnswer.Malformed) -> UInt64 {
        if let count: UInt64 = text.decimal() { return count }
        guard !text.isEmpty, text.indices.allSatisfy({ ASCII.isDigit(text[$0]) }) else { throw UAPIAnswer.Malformed() }
        return .max
    }
}

extension Span<UInt8> {
    /// Whether this is how daemons write that there is no preshared key.
    fileprivate var isZeroKey: Bool {
        equals("0000000000000000000000000000000000000000000000000000000000000000")
    }
}
