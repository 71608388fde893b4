package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// The arguments of `wg set` behind the interface's name.
package struct SetArguments<Sources: FieldSources> {
    private var update: DeviceUpdate
    private var words: ArraySlice<ByteString>
    private let sources: Sources

    /// The update that `words` ask for. Throws at the first word that is wrong, so that it is whole or not at all.
    package static func parse(
        _ words: [ByteString], for name: InterfaceName, sources: Sources
    ) throws(FieldError) -> DeviceUpdate {
        var arguments = Self(update: DeviceUpdate(name: name), words: words[...], sources: sources)
        while let word = arguments.words.popFirst() {
            if word == "peer" {
                try arguments.takePeer(word)
            } else if arguments.update.peers.isEmpty {
                try arguments.takeInterfaceField(word)
            } else {
                try arguments.takePeerField(word)
            }
        }
        return arguments.update
    }

    private mutating func takePeer(_ word: ByteString) throws(FieldError) {
        let text = try value(of: word)
        guard let key = PublicKey(base64: text.span) else { throw .badPublicKey(text) }
        update.peers.append(PeerUpdate(publicKey: key))
    }

    private mutating func takeInterfaceField(_ word: ByteString) throws(FieldError) {
        switch word {
        case "listen-port":
            let port = try value(of: word)
            update.listenPort = try sources.listenPort(port.span)
        case "fwmark":
            let mark = try value(of: word)
            update.fwmark = try NumberFields.fwmark(mark.span)
        case "private-key": update.privateKey = try KeyChange(fromFile: value(of: word), sources)
        default: throw .unexpectedWord(word)
        }
    }

    private mutating func takePeerField(_ word: ByteString) throws(FieldError) {
        let last = update.peers.count - 1
        switch word {
        case "remove": update.peers[last].remove = true
        case "preshared-key": update.peers[last].presharedKey = try KeyChange(fromFile: value(of: word), sources)
        case "endpoint":
            let endpoint = try value(of: word)
            update.peers[last].endpoint = try sources.endpoint(endpoint.span)
        case "persistent-keepalive":
            let interval = try value(of: word)
            update.peers[last].persistentKeepalive = try NumberFields.persistentKeepalive(interval.span)
        case "allowed-ips":
            let list = try value(of: word)
            try AllowedIPList.parse(list.span, into: &update.peers[last], sources)
        default: throw .unexpectedWord(word)
        }
    }

    private mutating func value(of word: ByteString) throws(FieldError) -> ByteString {
        guard let value = words.popFirst() else { throw .unexpectedWord(word) }
        return value
    }
}
