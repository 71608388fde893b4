import ByteText
import FuzzSupport
import WireGuardModel
import WireGuardText

/// What holds for every configuration file.
enum ConfigProperties {
    private typealias Outcome = Result<DeviceUpdate, ConfigError>

    static func check(_ file: [UInt8]) {
        let sources = FakeSources()
        let outcome = read(file, Pieces.sizes[0], sources)
        for size in Pieces.sizes.dropFirst() {
            expectEqual(describe(outcome), describe(read(file, size, FakeSources())), "pieces of \(size) are the same")
        }
        for warning in sources.warnings { expectOneLine(warning) }
        switch outcome {
        case .success(let update): checkUpdate(update, of: file, warnings: sources.warnings.count)
        case .failure(let error): checkError(error, of: file)
        }
    }

    private static func read(_ file: [UInt8], _ size: Int, _ sources: FakeSources) -> Outcome {
        do throws(ConfigError) {
            var parser = ConfigParser(for: InterfaceName("wg0"), sources: sources)
            try Pieces.forEachLine(of: file, size: size) { line throws(ConfigError) in
                try parser.take(line: line)
                return true
            }
            return .success(try parser.finish())
        } catch {
            return .failure(error)
        }
    }

    private static func describe(_ outcome: Outcome) -> String {
        switch outcome {
        case .success(let update): String(requesting: update)
        case .failure(let error): "\(error.line): \(error.reason)"
        }
    }

    private static func checkError(_ error: ConfigError, of file: [UInt8]) {
        let message = "\(error.reason)"
        expectOneLine(message)
        guard case .refused(let line, let beginning) = NaiveConfig.read(file) else {
            return expect(false, "a good file is read, not refused for line \(error.line): \(message)")
        }
        expectEqual("\(error.line)", "\(line)", "the first bad line is told")
        expect(message.hasPrefix(beginning), "\(beginning) is said, not \(message)")
        let lines = file.split(separator: ASCII.newline, omittingEmptySubsequences: false)
        checkSecrets(of: NaiveConfig.significant(Array(lines[error.line - 1])), in: message)
    }

    /// A line that does not begin with the name of a public field may hold a key under a misspelt name.
    private static func checkSecrets(of line: [UInt8], in message: String) {
        let publicFields = ["publickey=", "allowedips=", "endpoint=", "persistentkeepalive=", "listenport=", "fwmark="]
        if publicFields.contains(where: { Naive.isWord(Array(line.prefix($0.utf8.count)), $0) }) { return }
        let keyLength = 43
        let runs = line.split { !ASCII.isBase64($0) || $0 == ASCII.equals }
        for run in runs where run.count >= keyLength {
            expect(!message.contains(Naive.text(Array(run.suffix(keyLength)))), "no secret is told: \(message)")
        }
    }

    private static func checkUpdate(_ update: DeviceUpdate, of file: [UInt8], warnings: Int) {
        guard case .update(let naive) = NaiveConfig.read(file) else {
            return expect(false, "a bad file is refused, not read as \(String(requesting: update))")
        }
        expectEqual(String(requesting: update), naive.request, "what the file says is asked for")
        expectEqual("\(warnings)", "\(naive.warnings)", "each untidy entry is a warning")
        DeviceProperties.checkConfigRoundTrip(update.device)
        let whole = update.asWhole()
        expectEqual(String(requesting: whole), String(requesting: whole.asWhole()), "a whole is a whole already")
    }
}
