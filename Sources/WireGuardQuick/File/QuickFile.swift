package import ByteText
internal import WireGuardKeys
package import WireGuardModel
package import WireGuardText

/// A configuration file, read: wg-quick's own settings, and behind them what wg(8) is to be told.
package struct QuickFile: ~Copyable {
    package let name: ConfigurationName
    package let settings: QuickSettings
    let document: ConfigDocument

    /// Throws where the file cannot be read, and where one of wg-quick's own keys has a value that is none.
    package init(reading name: ConfigurationName) throws(QuickFailure) {
        try self.init(reading: name, heeding: QuickKey.allCases)
    }

    /// The same for `down`, which nothing may keep from its work that it has no need of.
    package init(toTakeDown name: ConfigurationName) throws(QuickFailure) {
        try self.init(reading: name, heeding: QuickKey.allCases.filter { $0 != .address && $0 != .mtu })
    }

    /// The same for `strip` alone, which has never looked at values that it leaves out, but for one.
    package init(toStrip name: ConfigurationName) throws(QuickFailure) {
        try self.init(reading: name, heeding: [.saveConfig])
    }

    private init(reading name: ConfigurationName, heeding keys: [QuickKey]) throws(QuickFailure) {
        try self.init(ConfigDocument(reading: name.path), of: name, heeding: keys)
    }

    /// What a file would be that has this text.
    package init(text: consuming ByteBuffer, of name: ConfigurationName) throws(QuickFailure) {
        try self.init(ConfigDocument(text: text), of: name, heeding: QuickKey.allCases)
    }

    private init(
        _ document: consuming ConfigDocument, of name: ConfigurationName, heeding keys: [QuickKey]
    ) throws(QuickFailure) {
        settings = try Self.settings(of: document, at: name.path, heeding: keys)
        self.name = name
        self.document = document
    }

    private static func settings(
        of document: borrowing ConfigDocument, at path: ByteString, heeding keys: [QuickKey]
    ) throws(QuickFailure) -> QuickSettings {
        var reader = SettingsReader()
        for (index, line) in document.lines.enumerated() {
            guard case .quick(let key) = line.meaning, keys.contains(key) else { continue }
            do throws(SettingsReader.Failure) {
                try reader.take(key, document.text.span.extracting(line.value))
            } catch {
                throw QuickFailure("\(path.excerpt):\(index + 1): \(error.reason)")
            }
        }
        return reader.settings
    }

    /// Reads everything that `update` would, key files too, but looks no name up: for mistakes that should show
    /// before anything is touched, while the names may be known only when a PreUp has done its work.
    package func check(_ sources: some FieldSources) throws(QuickFailure) {
        _ = try update(UnresolvedSources(sources), tolerant: false)
    }

    /// What `wg addconf` would send. A line that is wrong is told with its number. With `tolerant`, an endpoint that
    /// does not resolve is left out, and told in the answer.
    package func update(_ sources: some FieldSources, tolerant: Bool) throws(QuickFailure) -> ConfiguredUpdate {
        var parser = ConfigParser(
            for: name.interface, sources: PlacedSources(sources, path: name.path), size: document.text.count)
        var unresolved: [String] = []
        for line in document.lines {
            let text = try text(of: line, sources)
            do throws(ConfigError) {
                try parser.take(line: text.span)
            } catch {
                guard tolerant, error.isUnresolvedEndpoint else { throw failure(error) }
                unresolved.append(place(error.line) + error.reason.description)
            }
        }
        do throws(ConfigError) {
            return try ConfiguredUpdate(update: parser.finish(), unresolved: unresolved)
        } catch {
            throw failure(error)
        }
    }

    /// Appends the file without wg-quick's own lines, and with the keys of key files: what wg(8) can read.
    package func strip(_ sources: some FieldSources, into output: inout ByteBuffer) throws(QuickFailure) {
        for line in document.lines {
            if case .quick = line.meaning { continue }
            let text = try text(of: line, sources)
            let words = text.span.trimmingBlanks
            // Blanks at the end of the file are no line for bash.
            if words.isEmpty, line.range.upperBound == document.text.count { break }
            output.append(text.span.extracting(words))
            output.append(ASCII.newline)
        }
        output.append(ASCII.newline)
    }

    /// Appends the file as it should be for an interface that is now like this; false, and nothing, where it is so
    /// already. Lines that need no change keep every byte.
    package func append(
        savedFor state: InterfaceState, _ sources: some FieldSources, to output: inout ByteBuffer
    ) throws(QuickFailure) -> Bool {
        let update = try update(UnresolvedSources(sources), tolerant: false).update
        let saved = SavedDocument(self, saying: update, for: state)
        if saved.isUnchanged { return false }
        saved.append(document, to: &output)
        return true
    }

    /// A line as wg(8) gets it; empty in place of wg-quick's own, so that lines keep their numbers.
    private func text(of line: ConfigLine, _ sources: some FieldSources) throws(QuickFailure) -> ByteBuffer {
        var text = ByteBuffer(capacity: line.range.count + 64)
        switch line.meaning {
        case .quick: break
        case .keyFile(let key):
            text.append(key.inlineName)
            text.append(" = ")
            try appendKey(of: line, to: &text, sources)
        default: text.append(document.text.span.extracting(line.range))
        }
        return text
    }

    private func appendKey(
        of line: ConfigLine, to text: inout ByteBuffer, _ sources: some FieldSources
    ) throws(QuickFailure) {
        if PublicKey(base64: document.text.span.extracting(line.value)) != nil {
            throw QuickFailure("\(place(of: line))This key wants the path of a file, not what is in it")
        }
        let path = keyFile(of: line)
        let secret: SecretBytes?
        do throws(FieldError) {
            secret = try sources.readKeyFile(path)
        } catch {
            throw QuickFailure(place(of: line) + error.description)
        }
        guard let secret else { throw QuickFailure("\(place(of: line))The key file is empty: \(path.quotedUnlessKey)") }
        if let warning = ConfigurationName.warning(of: path) { sources.warn(warning) }
        PrivateKey(secret: secret).appendBase64(to: &text)
    }

    /// Relative ones stand in the file's own folder.
    func keyFile(of line: ConfigLine) -> ByteString {
        let path = document.bytes(line.value).expanding(name.interface)
        return path.bytes.first == ASCII.slash ? path : name.folder + "/" + path
    }

    private func failure(_ error: ConfigError) -> QuickFailure {
        QuickFailure(place(error.line) + error.reason.description)
    }

    private func place(_ line: Int) -> String { "\(name.path.excerpt):\(line): " }

    private func place(of line: ConfigLine) -> String {
        place(document.lines.firstIndex { $0.range == line.range }! + 1)
    }
}

/// What a file comes to.
package struct ConfiguredUpdate: Sendable {
    package var update: DeviceUpdate
    /// Where endpoints were left out, and why: a line of text each.
    package let unresolved: [String]
}

extension ConfigError {
    fileprivate var isUnresolvedEndpoint: Bool {
        if case .field(.unresolvedEndpoint) = reason { true } else { false }
    }
}

extension Span<UInt8> {
    /// All but spaces and tabs at the ends.
    fileprivate var trimmingBlanks: Range<Int> {
        var (start, end) = (0, count)
        while start < end, self[start] == ASCII.space || self[start] == ASCII.tab { start += 1 }
        while start < end, self[end - 1] == ASCII.space || self[end - 1] == ASCII.tab { end -= 1 }
        return start..<end
    }
}
