import ByteText
import FuzzSupport
import WireGuardKeys
import WireGuardModel
import WireGuardQuick
import WireGuardText

/// What holds for every file of wg-quick's.
enum QuickFileProperties {
    private static let name = ConfigurationName(InterfaceName("wg0"), path: "/folder/wg0.conf")

    static func check(_ input: [UInt8]) {
        let parts = input.split(separator: 0xff, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        checkStrip(parts[0])
        guard let state = state(madeBy: parts[0]) else { return }
        expect(saved(parts[0], for: state) == nil, "an interface that did not change leaves its file as it is")
        if parts.count == 2, let other = self.state(madeBy: parts[1]) { checkSave(parts[0], other) }
    }

    // MARK: What wg gets

    private static func checkStrip(_ text: [UInt8]) {
        do throws(QuickFailure) {
            let file = try QuickFile(text: ByteBuffer(copying: text), of: name)
            let sources = FakeSources()
            var stripped = ByteBuffer()
            try file.strip(sources, into: &stripped)
            checkAgain(Array(copying: stripped.span))
            checkUpdate(of: file, stripped: Array(copying: stripped.span))
        } catch {
            expectOneLine(error.description)
            expect(error.description.hasPrefix("/folder/wg0.conf:"), "a mistake has a place: \(error)")
        }
    }

    private static func checkAgain(_ stripped: [UInt8]) {
        do throws(QuickFailure) {
            let again = try QuickFile(text: ByteBuffer(copying: stripped), of: name)
            var output = ByteBuffer()
            try again.strip(FakeSources(), into: &output)
            expect(Array(copying: output.span) == stripped + [ASCII.newline], "nothing is left to strip")
        } catch {
            expect(false, "a stripped file has no mistake of wg-quick's: \(error)")
        }
    }

    /// The same as the parser of `wg addconf` makes of it, mistakes included.
    private static func checkUpdate(of file: borrowing QuickFile, stripped: [UInt8]) {
        let ours: String
        do throws(QuickFailure) {
            ours = String(requesting: try file.update(FakeSources(), tolerant: false).update)
        } catch {
            expectOneLine(error.description)
            ours = error.description
        }
        switch parsed(stripped) {
        case .success(let update): expectEqual(ours, String(requesting: update), "wg gets what is stripped")
        case .failure(let error): expect(ours.hasSuffix(": \(error.reason)"), "\(error.reason) is told, not \(ours)")
        }
    }

    private static func parsed(_ text: [UInt8]) -> Result<DeviceUpdate, ConfigError> {
        do throws(ConfigError) {
            var parser = ConfigParser(for: name.interface, sources: FakeSources())
            try Pieces.forEachLine(of: text, size: .max) { line throws(ConfigError) in
                try parser.take(line: line)
                return true
            }
            return .success(try parser.finish())
        } catch {
            return .failure(error)
        }
    }

    // MARK: Saving

    private static func checkSave(_ text: [UInt8], _ state: InterfaceState) {
        guard let result = saved(text, for: state) else { return }
        guard let made = self.state(madeBy: result) else {
            return expect(false, "a saved file can be read: \(Naive.text(result))")
        }
        expectEqual(describe(made), describe(state), "a saved file makes the interface: \(Naive.text(result))")
        expect(saved(result, for: state) == nil, "what was saved need not be saved again: \(Naive.text(result))")
    }

    /// Nil where the file says it all.
    private static func saved(_ text: [UInt8], for state: InterfaceState) -> [UInt8]? {
        do throws(QuickFailure) {
            let file = try QuickFile(text: ByteBuffer(copying: text), of: name)
            var output = ByteBuffer()
            return try file.append(savedFor: state, FakeSources(), to: &output) ? Array(copying: output.span) : nil
        } catch {
            expect(false, "a good file can be saved: \(error)")
            return nil
        }
    }

    /// What a good and plain file makes; nil of others: peers and addresses in two places are for the tests.
    private static func state(madeBy text: [UInt8]) -> InterfaceState? {
        guard let file = try? QuickFile(text: ByteBuffer(copying: text), of: name),
            let update = try? file.update(FakeSources(), tolerant: true).update, isPlain(update)
        else { return nil }
        var device = update.device
        device.privateKey = device.privateKey.flatMap { $0.isZero ? nil : $0.clamped }
        return InterfaceState(
            device: device, addresses: file.settings.addresses.map(\.onLink), mtu: file.settings.mtu ?? 1420)
    }

    private static func isPlain(_ update: DeviceUpdate) -> Bool {
        var keys: Set<PublicKey> = []
        var prefixes: Set<AllowedIP> = []
        if case .set(let own) = update.privateKey { keys.insert(own.publicKey) }
        for peer in update.peers {
            guard keys.insert(peer.publicKey).inserted else { return false }
            for change in peer.allowedIPs {
                guard !change.removes, prefixes.insert(change.allowedIP.masked).inserted else { return false }
            }
        }
        return true
    }

    /// But for endpoints, which a name of the file may stand for, and for order.
    private static func describe(_ state: InterfaceState) -> String {
        var device = state.device
        device.peers.sort { $0.publicKey < $1.publicKey }
        for index in device.peers.indices {
            device.peers[index].endpoint = nil
            let prefixes = device.peers[index].allowedIPs.map(\.masked)
            device.peers[index].allowedIPs = ShortList(
                prefixes.sorted { String($0.append(to:)) < String($1.append(to:)) })
        }
        let addresses = state.addresses.map { address in
            String { address.address.append(to: &$0) } + "/\(address.prefixLength)"
        }
        return String(requesting: device.update) + Set(addresses).sorted().joined(separator: "\n")
    }
}

extension ByteBuffer {
    init(copying bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        append(bytes.span)
    }
}
