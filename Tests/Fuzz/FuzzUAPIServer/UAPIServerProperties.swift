import ByteText
import FuzzSupport
import LinuxSystem
import Synchronization
import WireGuardDaemon
import WireGuardModel
import WireGuardText

/// What holds for everything that a client can say to a daemon.
enum UAPIServerProperties {
    static func check(_ input: [UInt8]) {
        guard let seed = input.first else { return }
        let words = Array(input.dropFirst())
        let whole = Conversation(cut(words, sizes: [.max]))
        let pieces = Conversation(cut(words, sizes: [Int(seed & 15) + 1, Int(seed >> 4) * 7 + 1]))
        expectEqual(pieces.heard, whole.heard, "pieces do not matter")
        expectEqual(pieces.request, whole.request, "nor for what is done")
        checkAnswers(whole, to: words)
        for update in whole.updates { checkRoundTrip(update) }
    }

    /// Every answer ends with its number, and there is one for each request that the plainest reader finds.
    private static func checkAnswers(_ conversation: Conversation, to words: [UInt8]) {
        let expected = NaiveServer.answers(to: words)
        expect(
            conversation.codes == expected.map(\.code),
            "answers are \(expected.map(\.code)), not \(conversation.codes)")
        expect(conversation.updates.count == expected.count { $0.isDone }, "what succeeds is done, and nothing else")
    }

    /// What a request was understood to mean, written as a request, means the same.
    private static func checkRoundTrip(_ update: DeviceUpdate) {
        let request = String(requesting: update)
        let again = Conversation([Array(request.utf8)])
        expect(again.codes == [0] && again.updates.count == 1, "what was understood can be said: \(request)")
        expectEqual(String(requesting: again.updates[0]), request, "and means the same")
    }

    private static func cut(_ bytes: [UInt8], sizes: [Int]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            pieces.append(Array(rest.prefix(sizes[pieces.count % sizes.count])))
            rest = rest.dropFirst(pieces.last!.count)
        }
        return pieces
    }
}

/// One that was had to its end with a daemon whose interface has a single peer.
private struct Conversation {
    let heard: String
    let updates: [DeviceUpdate]

    init(_ pieces: [[UInt8]]) {
        let tunnel = Tunnel()
        var conversation = UAPIConversation(about: InterfaceName("wg0"), with: tunnel)
        var heard: [UInt8] = []
        func hear() {
            while conversation.isAnswering {
                _ = conversation.writeOutput { bytes in
                    heard += Array(copying: bytes)
                    return bytes.count
                }
            }
        }
        for piece in pieces where !conversation.isOver {
            conversation.take(piece.span)
            hear()
        }
        conversation.endInput()
        hear()
        expect(conversation.isOver && conversation.heldEntries == 0, "the end is the end")
        self.heard = String(decoding: heard, as: UTF8.self)
        updates = tunnel.updates.withLock { $0 }
    }

    var request: String { updates.map { String(requesting: $0) }.joined() }

    /// Those of the answers' last lines.
    var codes: [Int] {
        heard.split(separator: "\n").filter { $0.hasPrefix("errno=") }.map { Int($0.dropFirst(6))! }
    }
}

/// Writes down what it is told.
private final class Tunnel: TunnelControl {
    let updates = Mutex<[DeviceUpdate]>([])

    func device() -> Device {
        var device = Device(name: InterfaceName("wg0"))
        device.listenPort = 7
        return device
    }

    func apply(_ update: DeviceUpdate) throws(Errno) { updates.withLock { $0.append(update) } }
}
