internal import ByteText
internal import LinuxSystem
package import WireGuardModel
internal import WireGuardText

/// One client's requests and our answers, without its socket: bytes go in as they come, and come out as fast
/// as they can be written.
///
/// While an answer waits to be written nothing more is read, so that a client costs no more than a line, a
/// part of an answer, and what its request asks for.
package struct UAPIConversation: ~Copyable {
    /// Longer lines are no request; those that are have about a hundred bytes.
    package static let longestLine = 4096
    /// The answer is written in parts of about this size.
    package static let partSize = 8192

    private enum Stage {
        /// In front of a request.
        case between
        /// Behind `get=1`.
        case get
        /// Behind `set=1`.
        case set(UAPISetParser)
        /// Refused, with the rest of the request still to come.
        case refused(UAPIRefusal)
        /// Nothing more is read.
        case over
    }

    private let name: InterfaceName
    private let tunnel: any TunnelControl
    private var stage = Stage.between
    /// What has come and is not read yet: the beginning of a line, or more while an answer waits.
    private var input: ByteBuffer?
    private var inputHasEnded = false
    private var answer: UAPIDeviceText?
    private var output: ByteBuffer?

    package init(about name: InterfaceName, with tunnel: any TunnelControl) {
        (self.name, self.tunnel) = (name, tunnel)
    }

    /// Whether there is something to write before anything more is read.
    package var isAnswering: Bool { output != nil || answer != nil }

    /// Whether all is said: once nothing is left to write the connection has no more use.
    package var isOver: Bool {
        if case .over = stage { return true }
        return false
    }

    /// How many peers and allowed-ips it keeps in memory, for requests and answers that are under way.
    package var heldEntries: Int {
        if case .set(let parser) = stage { return parser.entryCount }
        return answer?.peerCount ?? 0
    }

    /// Takes what the client sent. Not while `isAnswering` or when `isOver`.
    package mutating func take(_ bytes: Span<UInt8>) {
        precondition(!isAnswering)
        if input == nil { input = ByteBuffer(capacity: bytes.count) }
        input!.append(bytes)
        goOn()
    }

    /// The client will send no more.
    package mutating func endInput() {
        inputHasEnded = true
        goOn()
    }

    /// Writes what there is to say. `write` tells how much it took, nil for nothing at the moment; false in that case.
    package mutating func writeOutput<E: Error>(_ write: (Span<UInt8>) throws(E) -> Int?) throws(E) -> Bool {
        while isAnswering {
            var text = takeOutput()
            let written = try write(text.span)
            text.removeFirst(written ?? 0)
            // What is not kept is zeroed: it may hold keys.
            if !text.isEmpty { output = consume text }
            if written == nil { return false }
            if !isAnswering { goOn() }
        }
        return true
    }

    /// What is to be written next: at least a part's size, unless it is the end of the answer.
    private mutating func takeOutput() -> ByteBuffer {
        var text = output.take() ?? ByteBuffer(capacity: Self.partSize + 1024)
        answer?.append(to: &text, upTo: Self.partSize)
        if answer?.isWhole == true { answer = nil }
        return text
    }

    // MARK: Lines

    /// Reads lines until an answer is due or there are no more.
    private mutating func goOn() {
        guard var text = input.take() else { return readEnd() }
        var start = 0
        while !isAnswering, !isOver {
            guard let newline = text.span.firstIndex(of: ASCII.newline, from: start) else {
                if text.count - start > Self.longestLine { hangUp(.tooLong) }
                break
            }
            take(line: text.span.extracting(start..<newline))
            start = newline + 1
        }
        text.removeFirst(isOver ? text.count : start)
        guard text.isEmpty else { return keep(text.span) }
        readEnd()
    }

    /// Most of the time the rest is short: it gets a buffer of its own size.
    private mutating func keep(_ rest: Span<UInt8>) {
        var kept = ByteBuffer(capacity: rest.count)
        kept.append(rest)
        input = consume kept
        if inputHasEnded, !isAnswering { readEnd() }
    }

    /// A request without its end is never done, also where all that lacks is the empty line.
    private mutating func readEnd() {
        guard inputHasEnded, !isAnswering else { return }
        input = nil
        if case .between = stage { stage = .over } else if !isOver { hangUp(.cutOff) }
    }

    private mutating func take(line: Span<UInt8>) {
        guard line.count <= Self.longestLine else { return hangUp(.tooLong) }
        switch stage {
        case .between: begin(with: line)
        case .get:
            if line.isEmpty { answerGet() } else { stage = .refused(.invalidField) }
        case .set: takeSet(line)
        case .refused(let refusal):
            guard line.isEmpty else { break }
            stage = .between
            say(code: refusal.code)
        case .over: break
        }
    }

    /// Who begins with something else than a request is told nothing, as by wireguard-go.
    private mutating func begin(with line: Span<UInt8>) {
        if line.equals("get=1") {
            stage = .get
        } else if line.equals("set=1") {
            stage = .set(UAPISetParser(for: name))
        } else {
            stage = .over
        }
    }

    private mutating func answerGet() {
        stage = .between
        answer = UAPIDeviceText(of: tunnel.device())
    }

    private mutating func takeSet(_ line: Span<UInt8>) {
        // Taken out, so that it is not copied when it changes.
        guard case .set(var parser) = stage else { return }
        stage = .between
        if line.isEmpty { return apply(parser.finish()) }
        do throws(UAPIRefusal) {
            try parser.take(line: line)
            stage = .set(parser)
        } catch {
            stage = .refused(error)
        }
    }

    private mutating func apply(_ update: DeviceUpdate) {
        do throws(Errno) {
            try tunnel.apply(update)
            say(code: 0)
        } catch {
            say(code: error.code)
        }
    }

    private mutating func hangUp(_ refusal: UAPIRefusal) {
        stage = .over
        say(code: refusal.code)
    }

    private mutating func say(code: Int32) {
        var text = output.take() ?? ByteBuffer(capacity: 32)
        UAPIDeviceText.appendEnd(code: code, to: &text)
        output = consume text
    }
}
