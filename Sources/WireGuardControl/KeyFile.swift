package import ByteText
internal import LinuxSystem
package import WireGuardKeys
package import WireGuardText

/// A file with a key in it: 44 characters of base64, then white space at most.
package struct KeyFile: ~Copyable {
    private let path: ByteString
    private let file: FileDescriptor

    package static let keyLength = 44

    package init(_ path: ByteString) throws(FieldError) {
        self.path = path
        do throws(Errno) {
            file = try FileDescriptor.open(path)
        } catch {
            throw .keyFileUnreadable(path: path, reason: error.description)
        }
    }

    /// Nil for an empty file, /dev/null among them: no key.
    package func read() throws(FieldError) -> SecretBytes? {
        var text = ByteBuffer(capacity: 256)
        while text.count < Self.keyLength, try readMore(into: &text) {}
        if text.isEmpty, FileKind.isFileOrCharacterDevice(file.raw) { return nil }
        guard text.count >= Self.keyLength else { throw .keyFileTooShort(path: path) }
        let key = PrivateKey(base64: text.span.extracting(..<Self.keyLength))
        text.removeFirst(Self.keyLength)
        repeat {
            try checkIsSpace(text.span)
            text.removeAll()
        } while try readMore(into: &text)
        guard let key else { throw .badSecretKey }
        return key.secret
    }

    /// False at the end. What could not be read to it may not pass for an empty file, which takes a key away.
    private func readMore(into text: inout ByteBuffer) throws(FieldError) -> Bool {
        let before = text.count
        do throws(Errno) {
            try file.read(into: &text, room: 256)
        } catch {
            if error == .isDirectory { throw .keyFileTooShort(path: path) }
            throw .keyFileUnreadable(path: path, reason: error.description)
        }
        return text.count > before
    }

    private func checkIsSpace(_ rest: Span<UInt8>) throws(FieldError) {
        for index in rest.indices where !ASCII.isSpace(rest[index]) {
            throw .keyFileTrailingBytes(path: path)
        }
    }
}
