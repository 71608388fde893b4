internal import ByteText
internal import WireGuardEngine
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardProtocol
internal import WireGuardText

/// How the log names peers and describes their events. It uses wireguard-go's wording where that has such a line.
extension PublicKey {
    /// The first and the last four characters of the base64 form, as wireguard-go shortens keys.
    var short: String {
        var text = ByteBuffer()
        appendBase64(to: &text)
        let characters = ByteString(copying: text.span).description
        // The very last character is padding.
        return "peer(\(characters.prefix(4))…\(characters.dropLast().suffix(4)))"
    }
}

extension Endpoint {
    var line: String {
        var text = ByteBuffer()
        append(to: &text)
        return ByteString(copying: text.span).description
    }
}

extension IPAddress {
    var line: String {
        var text = ByteBuffer()
        append(to: &text)
        return ByteString(copying: text.span).description
    }

    /// The line about an endpoint that is routed into the tunnel.
    var loopLine: String {
        "The route to the endpoint \(line) leads into the tunnel itself: packets to it are dropped. "
            + "It needs a route by another interface, or a fwmark with a rule for it"
    }
}

extension SendFailure {
    var line: String {
        let count = datagrams == 1 ? "" : " (\(datagrams) packets)"
        return "\(peer.short) - Cannot send to \(endpoint.line): \(error)\(count)"
    }
}

extension TunnelEvent {
    var line: String {
        switch self {
        case .peer(let key, let event): "\(key.short) - \(event.line)"
        case .privateKeySet: "Private key is set"
        case .privateKeyCleared: "Private key is cleared"
        case .refused(let refusal, let source): "\(refusal.line) from \(source.line)"
        case .cookieReplySent(let target): "Sending cookie response to \(target.line), under load"
        case .noAllowedIP(let address): "No allowed-ip for \(address.line)"
        }
    }
}

extension Refusal {
    fileprivate var line: String {
        switch self {
        case .invalidMAC1: "Received packet with invalid mac1"
        case .invalidInitiation: "Received invalid handshake initiation"
        case .unknownPeer(let key): "Received handshake initiation of unknown \(key.short)"
        case .invalidResponse: "Received invalid handshake response"
        case .invalidCookieReply: "Received invalid cookie response"
        case .tooMany: "Received too many handshake messages"
        }
    }
}

extension PeerEvent {
    fileprivate var line: String {
        switch self {
        case .added: "Added"
        case .removed: "Removed"
        case .endpointSet(let endpoint): "Endpoint is set to \(endpoint.line)"
        case .presharedKeySet: "Preshared key is set"
        case .presharedKeyCleared: "Preshared key is cleared"
        case .persistentKeepaliveSet(let seconds):
            seconds == 0 ? "Persistent keepalive is off" : "Persistent keepalive every \(seconds) seconds"
        case .allowedIPsChanged: "Allowed-ips are changed"
        case .initiationSent: "Sending handshake initiation"
        case .initiationReceived: "Received handshake initiation"
        case .responseSent: "Sending handshake response"
        case .responseReceived: "Received handshake response"
        case .cookieReceived: "Received cookie response"
        case .handshakeUnanswered(let attempt):
            "Handshake did not complete after 5 seconds, retrying (try \(attempt))"
        case .handshakeGivenUp: "Handshake did not complete after 90 seconds, giving up"
        case .silent: "Retrying handshake because we stopped hearing back after 15 seconds"
        case .initiationReplayed: "Received replayed handshake initiation"
        case .initiationTooEarly: "Received handshake initiation too soon after the last one"
        case .keysErased: "Erased all keys, since there were no new ones for 540 seconds"
        case .keepaliveSent: "Sending keepalive packet"
        case .keepaliveReceived: "Received keepalive packet"
        case .roamed(let endpoint): "Endpoint is now \(endpoint.line)"
        case .sourceNotAllowed(let address): "No allowed-ip for source \(address.line) of a packet from the peer"
        case .noEndpoint: "No endpoint is known: packet is not sent"
        }
    }
}
