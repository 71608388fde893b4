import ByteText
import FuzzSupport
import WireGuardKeys
import WireGuardModel
import WireGuardText

/// What holds for all lists of allowed-ips, of which the input has one a line.
enum AllowedIPsProperties {
    static func check(_ input: [UInt8]) {
        let lists = input.split(separator: ASCII.newline, omittingEmptySubsequences: false).map(Array.init)
        var peer = PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: 0)))
        var naive = NaiveAllowedIPs(replaces: false)
        for list in lists {
            let warningsBefore = naive.untidy.count
            let sources = FakeSources()
            let error = parse(list, into: &peer, sources)
            let refusal = read(list, into: &naive)
            checkError(error, against: refusal)
            checkWarnings(sources.warnings, of: Array(naive.untidy[warningsBefore...]))
            expectEqual(describe(peer), describe(naive), "the list is what was typed")
            if error != nil { break }
        }
        for change in peer.allowedIPs { checkEntry(change.allowedIP) }
    }

    private static func parse(_ list: [UInt8], into peer: inout PeerUpdate, _ sources: FakeSources) -> FieldError? {
        do throws(FieldError) {
            try AllowedIPList.parse(list.span, into: &peer, sources)
            return nil
        } catch {
            return error
        }
    }

    private static func read(_ list: [UInt8], into naive: inout NaiveAllowedIPs) -> Naive.Refusal? {
        do throws(Naive.Refusal) {
            try naive.take(list)
            return nil
        } catch {
            return error
        }
    }

    private static func checkError(_ error: FieldError?, against refusal: Naive.Refusal?) {
        let said = error.map { "\($0)" } ?? "nothing"
        let expected = refusal?.message ?? "nothing"
        expectOneLine(said)
        expect(said.hasPrefix(expected), "\(expected) is said, not \(said)")
    }

    private static func checkWarnings(_ warnings: [String], of untidy: [String]) {
        expect(warnings.count == untidy.count, "each untidy entry is a warning: \(warnings), not \(untidy)")
        for (warning, entry) in zip(warnings, untidy) {
            expectOneLine(warning)
            expect(entry.utf8.count > 100 || warning.contains(entry), "\(warning) tells \(entry)")
        }
    }

    private static func describe(_ peer: PeerUpdate) -> String {
        let lines = peer.allowedIPs.map { change in
            String { text in
                text.append(change.removes ? "allowed_ip=-" : "allowed_ip=")
                change.allowedIP.append(to: &text)
            }
        }
        return ([peer.replaceAllowedIPs ? "replace" : "add"] + lines).joined(separator: "\n")
    }

    private static func describe(_ naive: NaiveAllowedIPs) -> String {
        ([naive.replaces ? "replace" : "add"] + naive.lines).joined(separator: "\n")
    }

    private static func checkEntry(_ entry: AllowedIP) {
        let masked = entry.masked
        expect(masked.masked == masked && !masked.hasHostBits, "a masked prefix is tidy: \(entry)")
        expect(masked.prefixLength == entry.prefixLength, "a mask keeps the length: \(entry)")
        let text = String { entry.append(to: &$0) }
        do throws(FieldError) {
            expect(try AllowedIPList.parse(prefix: Array(text.utf8).span) == entry, "\(text) is read as it was")
        } catch {
            expect(false, "\(text) can be read: \(error)")
        }
    }
}
