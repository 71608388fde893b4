import FuzzSupport
import WireGuardModel
import WireGuardProtocol

/// Two ends with a session that is due for renewal: all that they have said to each other, and some of it not heard
/// yet.
struct Conversation {
    let left = End(1)
    let right = End(2)
    private(set) var now = Conversation.moment(0)
    /// Of every type, those of the session first.
    private(set) var messages: [Message] = []

    struct Message {
        let bytes: [UInt8]
        /// What makes it the sender's, of what has not been heard yet. Nobody else can say that.
        var secret: Range<Int>?
    }

    private static func moment(_ seconds: UInt64) -> Moment {
        Moment(
            Instant(nanoseconds: (1000 + seconds) * 1_000_000_000),
            wall: HandshakeTime(seconds: 1_700_000_000 + Int64(seconds), nanoseconds: 0))
    }

    /// Until the right end has heard the second initiation, or not.
    init(responseIsOnItsWay: Bool) {
        left.open(to: right, at: now)
        right.open(to: left, at: now)
        let first = left.initiate(at: now)!
        let response = hear(first, at: right)!
        expect(hear(response, at: left) == nil, "a response is not answered")
        let data = left.seal(at: now)!
        expect(right.open(data, from: left.endpoint, at: now), "what the left end seals, the right one opens")
        let answer = right.seal(at: now)!
        expect(left.open(answer, from: right.endpoint, at: now), "and the other way round")
        messages = [first, response, data, answer].map { Message(bytes: $0) }

        now = Self.moment(130)
        let second = left.initiate(at: now)!
        let cookie = right.receive(second, from: left.endpoint, isUnderLoad: true, at: now).reply!
        expect(cookie.count == MessageSize.cookieReply, "under load a cookie is demanded")
        messages.append(Message(bytes: cookie, secret: 0..<64))
        if responseIsOnItsWay {
            messages.append(Message(bytes: second))
            messages.append(Message(bytes: hear(second, at: right)!, secret: 8..<60))
        } else {
            messages.append(Message(bytes: second, secret: 8..<116))
        }
        let newData = left.seal(at: now)!
        messages.append(Message(bytes: newData, secret: 0..<newData.count))
    }

    private func hear(_ message: [UInt8], at end: End) -> [UInt8]? {
        end.receive(message, from: end === left ? right.endpoint : left.endpoint, at: now).reply
    }

    /// Whether a message is one that has not been heard yet, though maybe changed where nothing guards it.
    func isTrue(_ bytes: [UInt8]) -> Bool {
        messages.contains { message in
            guard let secret = message.secret, bytes.count == message.bytes.count else { return false }
            return bytes[secret] == message.bytes[secret] && bytes[0] == message.bytes[0]
        }
    }

    /// Goes on as if nobody had ever interfered.
    mutating func finish(responseIsOnItsWay: Bool) {
        let (cookie, newData) = (messages[4].bytes, messages.last!.bytes)
        expect(right.open(newData, from: left.endpoint, at: now), "data is still heard")
        if responseIsOnItsWay {
            expect(
                left.receive(messages[6].bytes, from: right.endpoint, at: now).isMoved, "the response is still heard")
        } else {
            expect(left.receive(cookie, from: right.endpoint, at: now).reply == nil, "a cookie is not answered")
            now = Self.moment(136)
            let third = left.initiate(at: now)!
            let response = right.receive(third, from: left.endpoint, isUnderLoad: true, at: now)
            expect(response.isMoved && response.reply?.count == MessageSize.response, "the cookie is still good")
            expect(left.receive(response.reply!, from: right.endpoint, at: now).isMoved, "and so is the handshake")
        }
        let data = left.seal(at: now)!
        expect(right.open(data, from: left.endpoint, at: now), "the new session lives")
        let answer = right.seal(at: now)!
        expect(left.open(answer, from: right.endpoint, at: now), "both ways")
    }
}
