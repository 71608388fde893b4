import ByteText
import FuzzSupport
import WireGuardModel
import WireGuardText

/// What holds for all arguments of `wg set`, which the input has one behind the other, a NUL between two.
enum SetArgumentsProperties {
    static func check(_ input: [UInt8]) {
        let words = input.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        let sources = FakeSources()
        do throws(FieldError) {
            let update = try SetArguments.parse(
                words.map(ByteString.init), for: InterfaceName("wg0"), sources: sources)
            checkUpdate(update, of: words, warnings: sources.warnings.count)
        } catch {
            checkError(error, of: words)
        }
        for warning in sources.warnings { expectOneLine(warning) }
    }

    private static func checkError(_ error: FieldError, of words: [[UInt8]]) {
        let message = "\(error)"
        expectOneLine(message)
        if case .keyFileUnreadable(let path, _) = error, (try? Naive.key(path.bytes)) != nil {
            expect(!message.contains(path.description), "no secret is told: \(message)")
        }
        do throws(Naive.Refusal) {
            let update = try NaiveArguments.read(words)
            expect(false, "good arguments are read, not refused: \(message)\n\(update.request)")
        } catch {
            expect(message.hasPrefix(error.message), "\(error.message) is said, not \(message)")
        }
    }

    private static func checkUpdate(_ update: DeviceUpdate, of words: [[UInt8]], warnings: Int) {
        let request = String(requesting: update)
        checkWellFormed(request)
        do throws(Naive.Refusal) {
            let naive = try NaiveArguments.read(words)
            expectEqual(request, naive.request, "what the words say is asked for")
            expectEqual("\(warnings)", "\(naive.warnings)", "each untidy entry is a warning")
        } catch {
            expect(false, "bad arguments are refused, not read: \(error.message)\n\(request)")
        }
    }

    /// Nothing that was typed breaks out of its line.
    private static func checkWellFormed(_ request: String) {
        expect(request.hasSuffix("\n\n"), "a request ends with an empty line")
        for line in request.dropLast(2).split(separator: "\n", omittingEmptySubsequences: false) {
            let parts = line.split(separator: "=", omittingEmptySubsequences: false)
            expect(parts.count == 2 && !parts.contains(""), "a line is key=value: \(line)")
            expect(line.utf8.allSatisfy { 0x21...0x7e ~= $0 }, "a line can be read: \(line)")
        }
    }
}
