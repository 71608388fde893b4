import ByteText
import FuzzSupport
import WireGuardModel
import WireGuardText

/// What holds for every answer of a daemon, to `get=1` and to `set=1`.
enum UAPIAnswerProperties {
    static func check(_ answer: [UInt8]) {
        let devices = Pieces.sizes.map { read(answer, size: $0) }
        let dumps = devices.map { $0.map { String($0, as: DumpFormat(namesInterface: false)) } ?? "refused" }
        for dump in dumps { expectEqual(dump, dumps[0], "pieces do not matter") }
        let lines = answer.split(separator: ASCII.newline, omittingEmptySubsequences: false).map(Array.init)
        // What stands behind the last newline is no line when it is empty.
        let whole = lines.last == [] ? lines.dropLast() : lines
        let isGood = NaiveAnswer.errorCode(ofGet: whole) == 0
        expect(isGood == (devices[0] != nil), "only good answers are taken: \(dumps[0])")
        let (status, expected) = (readStatus(answer), NaiveAnswer.status(ofSet: whole))
        expect(status == expected, "the status is the last, \(expected as Any), not \(status as Any)")
        guard let device = devices[0] else { return }
        DeviceProperties.check(device)
        checkSynchronization(of: device)
    }

    /// The device of a whole answer that tells of no error.
    private static func read(_ bytes: [UInt8], size: Int) -> Device? {
        var answer = UAPIAnswer(from: InterfaceName("wg0")) { FakeSources.find(host: $0.host, port: $0.port) }
        var isWhole = false
        do throws(UAPIAnswer.Malformed) {
            try Pieces.forEachLine(of: bytes, size: size) { line throws(UAPIAnswer.Malformed) in
                isWhole = try !answer.take(line: line)
                return !isWhole
            }
        } catch {
            return nil
        }
        return isWhole && answer.errorCode == 0 ? answer.device : nil
    }

    private static func readStatus(_ bytes: [UInt8]) -> Int64? {
        var status = UAPIStatus()
        var isWhole = false
        do throws(UAPIAnswer.Malformed) {
            try Pieces.forEachLine(of: bytes, size: .max) { line throws(UAPIAnswer.Malformed) in
                isWhole = try !status.take(line: line)
                return !isWhole
            }
        } catch {
            return nil
        }
        return isWhole ? status.code : nil
    }

    /// Brought to a file with every other of its peers, a device loses the others and gets those of the file.
    private static func checkSynchronization(of device: Device) {
        var file = device.update
        file.peers = device.peers.indices.filter { $0 % 2 == 0 }.map { file.peers[$0] }
        let update = Synchronization.update(bringing: device, to: file)
        let removed = update.peers.filter(\.remove).map(\.publicKey)
        let kept = update.peers.filter { !$0.remove }.map(\.publicKey)
        expect(kept == file.peers.map(\.publicKey), "the file's peers are sent in its order")
        let known = device.peers.map(\.publicKey)
        guard Set(known).count == known.count else { return }
        expect(Set(removed).union(kept) == Set(known), "each peer is kept or removed")
        expect(Set(removed).isDisjoint(with: kept), "no peer of the file is removed")
    }
}
