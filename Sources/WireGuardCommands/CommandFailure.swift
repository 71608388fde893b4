internal import ByteText
internal import WireGuardText

/// Why a command ended without doing its work: the text for standard error, of one or more lines.
package struct CommandFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    init(_ error: FieldError) { self.init(error.description) }

    init(_ error: ConfigError, in file: ByteString) {
        self.init("Configuration parsing error: \(file.excerpt):\(error.line): \(error.reason)")
    }
}
