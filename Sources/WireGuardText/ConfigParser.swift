package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// What is wrong with a configuration file, and in which line, counted from 1.
package struct ConfigError: Error, Equatable {
    package enum Reason: Equatable {
        case unrecognizedLine(ByteString)
        case field(FieldError)
        /// The line is the one in which the peer's section began.
        case peerWithoutPublicKey
    }

    package let line: Int
    package let reason: Reason
}

extension ConfigError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unrecognizedLine(let line): "Line unrecognized: \(line.quotedWithoutKeys)"
        case .field(let error): error.description
        case .peerWithoutPublicKey: "A peer is missing a public key"
        }
    }
}

/// Reads a configuration file, line by line, into the update that `wg addconf` sends.
///
/// Names of sections and keys are read in any case, `#` starts a comment, and white space counts
/// nowhere, not even inside words.
package struct ConfigParser<Sources: FieldSources>: ~Copyable {
    private enum Section { case none, interface, peer }

    private var update: DeviceUpdate
    private let sources: Sources
    private var section = Section.none
    private var lineNumber = 0
    private var peer: PeerSection?
    /// Kept from line to line for its memory.
    private var scratch: ByteBuffer? = ByteBuffer()

    /// A peer's section has this many bytes at least: its header and its public key.
    private static var shortestPeer: Int { "[Peer]\nPublicKey=\n".utf8.count + 44 }

    /// `size` is how many bytes there will be, where that is known: room for that many peers costs address
    /// space until it is used, while an array that grows holds its content twice at times.
    package init(for name: InterfaceName, sources: Sources, size: Int? = nil) {
        update = DeviceUpdate(name: name)
        update.peers.reserveCapacity(size.map { $0 / Self.shortestPeer } ?? Device.roomForPeers)
        self.sources = sources
    }

    /// Takes the next line, without its newline.
    package mutating func take(line: Span<UInt8>) throws(ConfigError) {
        lineNumber += 1
        var stripped = scratch.take() ?? ByteBuffer()
        stripped.removeAll()
        stripped.append(significantPartOf: line)
        if !stripped.isEmpty { try take(stripped: stripped.span) }
        scratch = consume stripped
    }

    /// Whether all lines so far were blank or comments.
    package var hasNoSection: Bool { section == .none }

    /// The update, once all lines were taken.
    package consuming func finish() throws(ConfigError) -> DeviceUpdate {
        try endPeer()
        return update
    }

    private mutating func take(stripped line: Span<UInt8>) throws(ConfigError) {
        if line.equalsIgnoringCase("[interface]") {
            try endPeer()
            section = .interface
        } else if line.equalsIgnoringCase("[peer]") {
            try endPeer()
            section = .peer
            peer = PeerSection(line: lineNumber)
        } else {
            try takeField(line)
        }
    }

    private mutating func endPeer() throws(ConfigError) {
        guard let ended = peer.take() else { return }
        guard ended.hasPublicKey else { throw ConfigError(line: ended.line, reason: .peerWithoutPublicKey) }
        update.peers.append(ended.update)
    }

    private mutating func takeField(_ line: Span<UInt8>) throws(ConfigError) {
        var isKnown = false
        // A key without a value is no better than an unknown one.
        if let equals = line.firstIndex(of: ASCII.equals), equals + 1 < line.count {
            let key = line.extracting(..<equals)
            let value = line.extracting((equals + 1)...)
            let sources = LineSources(sources, line: lineNumber)
            do throws(FieldError) {
                switch section {
                case .none: break
                case .interface: isKnown = try update.takeField(key, value, sources)
                case .peer: isKnown = try peer!.takeField(key, value, sources)
                }
            } catch {
                throw ConfigError(line: lineNumber, reason: .field(error))
            }
        }
        guard isKnown else {
            throw ConfigError(line: lineNumber, reason: .unrecognizedLine(ByteString(copying: line)))
        }
    }
}

extension ByteBuffer {
    /// What is left of a line without white space, comment, and whatever follows a NUL, where C ends it.
    fileprivate mutating func append(significantPartOf line: Span<UInt8>) {
        append(room: line.count) { free in
            var count = 0
            for index in line.indices {
                let byte = line[unchecked: index]
                if byte == UInt8(ascii: "#") || byte == 0 { break }
                // Written in any case, kept unless it is space: no jump to guess wrong.
                free[count] = byte
                count += ASCII.isSpace(byte) ? 0 : 1
            }
            return count
        }
    }
}

/// A peer being read: its key may stand anywhere in its section.
private struct PeerSection {
    let line: Int
    var update = PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: 0)))
    var hasPublicKey = false

    init(line: Int) {
        self.line = line
        // Also for a peer without AllowedIPs: the file says what there shall be.
        update.replaceAllowedIPs = true
    }

    mutating func takeField(
        _ key: Span<UInt8>, _ value: Span<UInt8>, _ sources: some FieldSources
    ) throws(FieldError) -> Bool {
        if key.equalsIgnoringCase("publickey") {
            guard let key = PublicKey(base64: value) else { throw .badPublicKey(ByteString(copying: value)) }
            update.publicKey = key
            hasPublicKey = true
        } else if key.equalsIgnoringCase("allowedips") {
            try AllowedIPList.parse(value, into: &update, sources)
        } else if key.equalsIgnoringCase("endpoint") {
            update.endpoint = try sources.endpoint(value)
        } else if key.equalsIgnoringCase("persistentkeepalive") {
            update.persistentKeepalive = try NumberFields.persistentKeepalive(value)
        } else if key.equalsIgnoringCase("presharedkey") {
            guard let key = PresharedKey(base64: value) else { throw .badSecretKey }
            update.presharedKey = .set(key)
        } else {
            return false
        }
        return true
    }
}

extension DeviceUpdate {
    fileprivate mutating func takeField(
        _ key: Span<UInt8>, _ value: Span<UInt8>, _ sources: some FieldSources
    ) throws(FieldError) -> Bool {
        if key.equalsIgnoringCase("privatekey") {
            guard let key = PrivateKey(base64: value) else { throw .badSecretKey }
            privateKey = .set(key)
        } else if key.equalsIgnoringCase("listenport") {
            listenPort = try sources.listenPort(value)
        } else if key.equalsIgnoringCase("fwmark") {
            fwmark = try NumberFields.fwmark(value)
        } else {
            return false
        }
        return true
    }
}
