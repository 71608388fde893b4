import Glibc
import TestSupport
import Testing
import WireGuardModel
import WireGuardText

/// Sizes and times, as they are seen in a peer's lines.
@Suite("Units")
struct UnitsTests {
    @Test("sizes are what printf makes of the quotient as a double")
    func sizes() {
        var numbers: [UInt64] = [.max, .max - 1024]
        for shift: UInt64 in 0..<64 { numbers.append(1 << shift) }
        for unit: UInt64 in [0, 10, 20, 30] {
            // Halves of a hundredth: 25 n = 128 (mod 256) makes 100 n / 1024 end with .5.
            for step: UInt64 in 4..<64 { numbers.append((128 + 256 * step) << unit) }
            // What rounds up to 1024 of the unit, and what just does not.
            let next: UInt64 = 1 << (unit + 20)
            for step: UInt64 in 0..<12 { numbers.append(next - next / 204_800 * step) }
        }
        numbers += numbers.flatMap { [$0 &- 1, $0 &+ 1] }
        var random = SeededRandom(9)
        numbers += Rounds.usual(5000).map { _ in random.number() }
        let mismatches = numbers.filter { shownSize($0) != expectedSize($0) }
        #expect(mismatches == [], "\(mismatches.prefix(3).map { "\(shownSize($0)), not \(expectedSize($0))" })")
    }

    @Test(
        "sizes that everyone knows",
        arguments: [
            (1, "1 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1500, "1.46 KiB"), (1_048_575, "1024.00 KiB"),
            (1_048_576, "1.00 MiB"), (2_000_000, "1.91 MiB"), (1 << 40, "1.00 TiB"), (.max, "16777216.00 TiB"),
        ] as [(UInt64, String)])
    func knownSizes(_ bytes: UInt64, _ text: String) { #expect(shownSize(bytes) == text) }

    @Test("durations are their parts that are not zero")
    func durations() {
        let units: [Int64] = [1, 59, 60, 61, 3599, 3600, 86399, 86400, 31_535_999, 31_536_000, 31_536_001, 63_072_000]
        var durations = units + [0, -1, .max - 1_700_000_000, .min + 1_700_000_001]
        durations += units.flatMap { unit in units.map { $0 + unit } }
        var random = SeededRandom(10)
        durations += Rounds.usual(3000).map { _ in Int64(random.number() >> UInt64(20 + random.below(44))) }
        let now: Int64 = 1_700_000_000
        for duration in durations {
            let moment = now &- duration
            guard moment != 0 else { continue }
            let (shown, expected) = (shownTime(of: moment, now), expectedTime(duration))
            if shown != expected { Issue.record("\(duration): \(shown), not \(expected)") }
        }
    }

    @Test("keepalives of every length")
    func keepalives() {
        for seconds: UInt16 in [1, 2, 25, 59, 60, 61, 120, 3600, 3661, 7322, 65535] {
            var peer = Peer(publicKey: Keys.publicKey(1))
            peer.persistentKeepalive = seconds
            let expected = expectedTime(Int64(seconds)).dropLast(" ago".count)
            #expect(line("persistent keepalive", of: peer, 0) == "every " + expected)
        }
    }

    @Test("moments at the ends of time", arguments: [Int64.min, -1, 1, .max])
    func ends(_ moment: Int64) {
        for now in [Int64.min, 0, .max] where moment != now {
            let text = shownTime(of: moment, now)
            #expect(text.hasPrefix("(System clock") == (moment > now))
            #expect(text.hasSuffix(" ago") == (moment < now))
        }
    }

    private func shownSize(_ bytes: UInt64) -> String {
        var peer = Peer(publicKey: Keys.publicKey(1))
        // The other number keeps the line from going where there is nothing to say.
        (peer.received, peer.sent) = (bytes, 1)
        return String(line("transfer", of: peer, 0).split(separator: " received, ")[0])
    }

    private func expectedSize(_ bytes: UInt64) -> String {
        let units = [(10, "KiB"), (20, "MiB"), (30, "GiB"), (40, "TiB")].filter { bytes >= 1 << $0.0 }
        guard let (shift, name) = units.last else { return "\(bytes) B" }
        return format("%.2f", Double(bytes) / Double(UInt64(1) << UInt64(shift))) + " " + name
    }

    private func format(_ format: String, _ value: Double) -> String {
        var text = [CChar](repeating: 0, count: 64)
        let count = withVaList([value]) { vsnprintf(&text, text.count, format, $0) }
        return text[..<Int(count)].map { UInt8(bitPattern: $0) }.text
    }

    private func shownTime(of moment: Int64, _ now: Int64) -> String {
        var peer = Peer(publicKey: Keys.publicKey(1))
        peer.latestHandshake.seconds = moment
        return line("latest handshake", of: peer, now)
    }

    private func expectedTime(_ duration: Int64) -> String {
        if duration == 0 { return "Now" }
        if duration < 0 { return "(System clock wound backward; connection problems may ensue.)" }
        let parts = [
            (duration / 31_536_000, "year"), (duration % 31_536_000 / 86400, "day"), (duration % 86400 / 3600, "hour"),
            (duration % 3600 / 60, "minute"), (duration % 60, "second"),
        ]
        let texts = parts.filter { $0.0 != 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return texts.joined(separator: ", ") + " ago"
    }

    private func line(_ label: String, of peer: Peer, _ now: Int64) -> String {
        let format = PrettyFormat(colored: false, hidesKeys: true, now: now)
        let text = String { format.append(peer, of: .bare, to: &$0) }
        let line = text.split(separator: "\n").first { $0.hasPrefix("  \(label): ") }
        return line.map { String($0.dropFirst(label.utf8.count + 4)) } ?? ""
    }
}
