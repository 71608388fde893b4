internal import ByteText
package import WireGuardModel
internal import WireGuardText

/// What holds for every device that a backend has read.
package enum DeviceProperties {
    package static func check(_ device: Device) {
        for namesInterface in [false, true] {
            checkDump(of: device, namesInterface: namesInterface)
            for field in ShowField.allCases { checkField(field, of: device, namesInterface: namesInterface) }
        }
        checkPretty(device)
        checkConfigRoundTrip(device)
    }

    private static func checkDump(of device: Device, namesInterface: Bool) {
        let lines = String(device, as: DumpFormat(namesInterface: namesInterface)).lines
        let columns = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).count }
        let more = namesInterface ? 1 : 0
        let expected = [4 + more] + device.peers.map { _ in 8 + more }
        expect(columns == expected, "a dump has all of its columns: \(lines)")
    }

    private static func checkField(_ field: ShowField, of device: Device, namesInterface: Bool) {
        let lines = String(device, as: FieldFormat(field, namesInterface: namesInterface)).lines
        let ofInterface: [ShowField] = [.publicKey, .privateKey, .listenPort, .fwmark]
        let expected = ofInterface.contains(field) ? 1 : device.peers.count
        expect(lines.count == expected || expected == 0 && lines == [""], "\(field) is a line each: \(lines)")
    }

    private static func checkPretty(_ device: Device) {
        let now: Int64 = 1_800_000_000
        let plain = String(device, as: PrettyFormat(colored: false, hidesKeys: true, now: now))
        let colored = String(device, as: PrettyFormat(colored: true, hidesKeys: true, now: now))
        expectEqual(plain, withoutColors(colored), "colours are all that colours change")
        for line in plain.lines where line.contains("private key: ") || line.contains("preshared key: ") {
            expect(line.hasSuffix(": (hidden)"), "keys are hidden: \(line)")
        }
        let titles = plain.lines.filter { $0.hasPrefix("peer: ") }
        expect(titles.count == device.peers.count, "each peer is shown: \(plain)")
    }

    private static func withoutColors(_ text: String) -> String {
        let parts = text.split(separator: "\u{1b}", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts[0])) { $0 + $1.drop { $0 != "m" }.dropFirst() }
    }

    /// A configuration file written of a device and read again writes the same file.
    package static func checkConfigRoundTrip(_ device: Device) {
        let text = String(device, as: ConfigFormat())
        expectEqual(text, String(read(text).device, as: ConfigFormat()), "a written file says what the device is")
    }

    private static func read(_ config: String) -> DeviceUpdate {
        let sources = FakeSources()
        do throws(ConfigError) {
            var parser = ConfigParser(for: InterfaceName("wg0"), sources: sources)
            try Pieces.forEachLine(of: Array(config.utf8), size: .max) { line throws(ConfigError) in
                try parser.take(line: line)
                return true
            }
            return try parser.finish()
        } catch {
            fatalError("does not hold: what is written can be read: \(error)\n\(config)")
        }
    }
}
