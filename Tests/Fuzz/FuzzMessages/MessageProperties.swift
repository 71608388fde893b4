import FuzzSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Whatever anybody says who has no keys, changes nothing, is not answered, and spoils nothing.
///
/// An input is a script of a few messages. Each is told by five bytes, which say what it is made of, to whom and
/// from where it goes, whether it gets a right MAC1, and how it is changed, and by the bytes that are its changes.
enum MessageProperties {
    private static let mostMessages = 16
    private static let stranger = Endpoint(address: IPAddress(v4: 0xcb00_7101), port: 7)

    static func check(_ input: [UInt8]) {
        var script = Script(input)
        let mode = script.next()
        let (responseIsOnItsWay, isUnderLoad) = (mode & 1 != 0, mode & 2 != 0)
        var conversation = Conversation(responseIsOnItsWay: responseIsOnItsWay)
        let before = [conversation.left.state, conversation.right.state]
        var count = 0
        while !script.isEmpty, count < mostMessages {
            count += 1
            hear(&script, conversation, isUnderLoad: isUnderLoad)
        }
        expectEqual("\([conversation.left.state, conversation.right.state])", "\(before)", "nothing changes")
        conversation.finish(responseIsOnItsWay: responseIsOnItsWay)
        conversation.left.close()
        conversation.right.close()
    }

    private static func hear(_ script: inout Script, _ conversation: Conversation, isUnderLoad: Bool) {
        let way = script.next()
        let end = way & 1 != 0 ? conversation.left : conversation.right
        let other = way & 1 != 0 ? conversation.right : conversation.left
        var message = script.message(like: conversation.messages.map(\.bytes))
        if way & 2 != 0 { stamp(&message, for: end) }
        guard !conversation.isTrue(message) else { return }
        let source = way & 4 != 0 ? other.endpoint : stranger
        expect(!end.open(message, from: source, at: conversation.now), "it is no data: \(message)")
        let reaction = end.receive(message, from: source, isUnderLoad: isUnderLoad, at: conversation.now)
        expect(!reaction.isMoved, "it moves nobody: \(message)")
        guard let reply = reaction.reply else { return }
        expect(isUnderLoad && MessageType(classifying: reply.span) == .cookieReply, "it is not answered: \(message)")
        expect(reply.count < message.count, "an answer is shorter than what it answers")
    }

    /// MAC1 takes no more than the receiver's public key.
    private static func stamp(_ message: inout [UInt8], for end: End) {
        var keeper = CookieKeeper(end.publicKey)
        let start = Instant(nanoseconds: 0)
        let bytes = message
        switch message.count {
        case MessageSize.initiation:
            var whole = InitiationBytes { bytes[$0] }
            keeper.stamp(&whole, start)
            message = whole.indices.map { whole[$0] }
        case MessageSize.response:
            var whole = ResponseBytes { bytes[$0] }
            keeper.stamp(&whole, start)
            message = whole.indices.map { whole[$0] }
        default: break
        }
    }
}

/// Bytes that are used one after the other, and zeros behind them.
private struct Script {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func next() -> UInt8 { rest.popFirst() ?? 0 }

    /// One of the models, longer or shorter, with some bytes changed; or what the script itself says.
    mutating func message(like models: [[UInt8]]) -> [UInt8] {
        let model = Int(next() & 15)
        let (more, less, changes) = (Int(next()), Int(next()), Int(next() & 15))
        guard model < models.count else {
            defer { rest = rest.dropFirst(more) }
            return Array(rest.prefix(more))
        }
        var message = models[model].dropLast(less) + [UInt8](repeating: 0, count: more)
        for _ in 0..<changes {
            let (place, change) = (Int(next()), next())
            if place < message.count { message[place] ^= change }
        }
        return Array(message)
    }
}
