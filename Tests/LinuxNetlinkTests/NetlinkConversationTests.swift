import ByteText
import LinuxNetlink
import LinuxSystem
import NetlinkTestSupport
import Testing

@Suite struct NetlinkConversationTests {
    /// Asks a kernel that answers with `datagrams` and returns what was taken.
    private func ask(_ datagrams: @escaping (_ sequence: UInt32, _ port: UInt32) -> [[UInt8]]) throws(Errno)
        -> [[UInt8]]
    {
        let kernel = FakeKernel { kernel, request in datagrams(FakeKernel.sequence(of: request), kernel.port) }
        var conversation = NetlinkConversation(over: kernel)
        var request = NetlinkMessage(type: 0x20, flags: 1, capacity: 256)
        var taken: [[UInt8]] = []
        try conversation.ask(&request) { content throws(Errno) in taken.append(Array(copying: content)) }
        return taken
    }

    @Test func requestIsHeaderAndAttributesByteForByte() throws {
        let kernel = FakeKernel { kernel, request in
            [Bytes.end(0, sequence: FakeKernel.sequence(of: request), port: kernel.port)]
        }
        var conversation = NetlinkConversation(over: kernel)
        var request = NetlinkMessage(type: 0x1234, flags: 0x0005, capacity: 256)
        let opened = request.open(8)
        let nest = try #require(opened)
        let fits = request.put(6, UInt16(0xcafe)) && request.put(2, text: "wg0")
        request.close(nest)
        let alsoFits = request.put(7, UInt32(0x0102_0304))
        #expect(fits && alsoFits)
        try conversation.ask(&request) { _ throws(Errno) in }
        #expect(
            kernel.sent == [
                [
                    0x2c, 0, 0, 0,  // length of the whole: 44
                    0x34, 0x12,  // type
                    0x05, 0x00,  // flags: NLM_F_REQUEST | NLM_F_ACK
                    1, 0, 0, 0,  // sequence: our first
                    0, 0, 0, 0,  // port: the kernel fills it in
                    0x14, 0x00, 0x08, 0x80,  // nest of 20 bytes, type 8 | NLA_F_NESTED
                    0x06, 0x00, 0x06, 0x00, 0xfe, 0xca, 0, 0,  // 16 bits, and two of padding
                    0x08, 0x00, 0x02, 0x00, 0x77, 0x67, 0x30, 0x00,  // "wg0" and its NUL
                    0x08, 0x00, 0x07, 0x00, 0x04, 0x03, 0x02, 0x01,  // 32 bits
                ]
            ])
    }

    @Test func messagesOfSeveralDatagramsAreTakenInOrder() throws {
        let taken = try ask { sequence, port in
            [
                Bytes.message(type: 0x20, flags: 2, sequence: sequence, port: port, [1, 0, 0, 0])
                    + Bytes.message(type: 0x20, flags: 2, sequence: sequence, port: port, [2, 0, 0, 0]),
                Bytes.message(type: 0x20, flags: 2, sequence: sequence, port: port, [3, 0, 0, 0]),
                Bytes.done(sequence: sequence, port: port),
            ]
        }
        #expect(taken == [[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]])
    }

    @Test func answersToOthersArePassedOver() throws {
        let taken = try ask { sequence, port in
            [
                Bytes.message(type: 0x20, sequence: sequence &- 1, port: port, [9, 9, 9, 9])
                    + Bytes.message(type: 0x20, sequence: sequence, port: port + 1, [8, 8, 8, 8])
                    + Bytes.message(type: 1, sequence: sequence, port: port, [])
                    + Bytes.message(type: 0x20, sequence: sequence, port: port, [7, 7, 7, 7]),
                Bytes.end(0, sequence: sequence, port: port),
            ]
        }
        #expect(taken == [[7, 7, 7, 7]])
    }

    @Test(arguments: [(Int32(-19), Errno.noDevice), (-22, .invalidArgument), (-95, .notSupported)] as [(Int32, Errno)])
    func kernelErrorIsThrown(code: Int32, error: Errno) {
        #expect(throws: error) { try ask { [Bytes.end(code, sequence: $0, port: $1)] } }
        #expect(throws: error) { try ask { [Bytes.done(code, sequence: $0, port: $1)] } }
    }

    // MARK: the kernel's words

    /// An end with a refusal, then `between`, then attributes: NLMSGERR_ATTR_MSG and an offset.
    private static func refusal(type: UInt16, flags: UInt16, between: [UInt8], words: [UInt8]) -> FakeKernel {
        FakeKernel { kernel, request in
            let attributes = Bytes.attribute(2, Bytes.u32(20)) + Bytes.attribute(1, words)
            let content = Bytes.u32(UInt32(bitPattern: -22)) + between + attributes
            return [
                Bytes.message(
                    type: type, flags: flags, sequence: FakeKernel.sequence(of: request), port: kernel.port, content)
            ]
        }
    }

    /// 0x100 tells that the request was cut to its header, 0x200 that attributes follow.
    @Test(
        arguments: [
            (2, 0x300, Bytes.message(type: 9, sequence: 1, port: 0, []), true),
            (2, 0x200, Bytes.message(type: 9, sequence: 1, port: 0, [1, 2, 3, 4, 5]) + [0, 0, 0], true),
            (3, 0x202, [], true), (2, 0x100, Bytes.message(type: 9, sequence: 1, port: 0, []), false),
            (3, 0x002, [], false),
        ] as [(UInt16, UInt16, [UInt8], Bool)])
    func explanationIsWhatTheKernelSays(type: UInt16, flags: UInt16, between: [UInt8], isTold: Bool) {
        let kernel = Self.refusal(type: type, flags: flags, between: between, words: Array("No way\0".utf8))
        var conversation = NetlinkConversation(over: kernel)
        var request = NetlinkMessage(type: 0x20, flags: 1, capacity: 256)
        #expect(throws: Errno.invalidArgument) { try conversation.ask(&request) { _ throws(Errno) in } }
        #expect(conversation.explanation == (isTold ? "No way" : nil))
    }

    /// The request that stands in between claims lengths of its own.
    @Test(arguments: [0, 4, 0x1000, 0xffff_fff0, 0xffff_ffff] as [UInt32])
    func explanationBehindALyingRequestIsAProtocolError(length: UInt32) {
        let between = Bytes.u32(length) + [UInt8](repeating: 0xff, count: 12)
        let kernel = Self.refusal(type: 2, flags: 0x200, between: between, words: [])
        var conversation = NetlinkConversation(over: kernel)
        var request = NetlinkMessage(type: 0x20, flags: 1, capacity: 256)
        #expect(throws: Errno.protocolError) { try conversation.ask(&request) { _ throws(Errno) in } }
    }

    @Test func endOfDumpMayLackItsCode() throws {
        #expect(try ask { [Bytes.message(type: 3, flags: 2, sequence: $0, port: $1, [])] }.isEmpty)
    }

    /// Every way in which a datagram can be cut short, and lengths that lie.
    @Test func brokenDatagramsAreProtocolErrors() {
        let whole = { (sequence: UInt32, port: UInt32) in
            Bytes.message(type: 0x20, sequence: sequence, port: port, [1, 2, 3, 4])
        }
        for length in 0..<20 {
            #expect(throws: Errno.protocolError) { try ask { [Array(whole($0, $1)[..<length])] } }
        }
        for claimed: UInt32 in [0, 15, 21, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
            #expect(throws: Errno.protocolError) { try ask { [Bytes.u32(claimed) + whole($0, $1)[4...]] } }
        }
        #expect(throws: Errno.protocolError) { try ask { [Bytes.message(type: 2, sequence: $0, port: $1, [0, 0])] } }
    }

    // MARK: interrupted dumps

    /// A dump whose first `interruptions` rounds are marked NLM_F_DUMP_INTR at `place`.
    private func dump(
        interruptions: Int, markedAt place: Int, microseconds: UInt32 = 0
    ) throws -> (taken: [UInt8], rounds: Int, isWhole: Bool) {
        var rounds = 0
        let kernel = FakeKernel { kernel, request in
            rounds += 1
            if microseconds > 0 { Clock.sleep(microseconds: microseconds) }
            let round = UInt8(truncatingIfNeeded: rounds)
            let sequence = FakeKernel.sequence(of: request)
            func flags(_ index: Int) -> UInt16 { rounds <= interruptions && index == place ? 0x12 : 0x02 }
            return [
                Bytes.message(
                    type: 0x20, flags: flags(0), sequence: sequence, port: kernel.port, [1, 0, 0, round]),
                Bytes.message(
                    type: 0x20, flags: flags(1), sequence: sequence, port: kernel.port, [2, 0, 0, round]),
                Bytes.done(flags: flags(2), sequence: sequence, port: kernel.port),
            ]
        }
        var conversation = NetlinkConversation(over: kernel)
        var request = NetlinkMessage(type: 0x20, flags: 0x301, capacity: 256)
        var taken: [UInt8] = []
        let isWhole = try conversation.dump(&request) {
            taken = []
        } _: { content throws(Errno) in
            taken += Array(copying: content)
        }
        return (taken, rounds, isWhole)
    }

    @Test(arguments: 0..<3, 0..<4)
    func interruptedDumpBeginsAnew(place: Int, interruptions: Int) throws {
        let (taken, rounds, isWhole) = try dump(interruptions: interruptions, markedAt: place)
        #expect(isWhole)
        let last = UInt8(interruptions + 1)
        #expect(rounds == interruptions + 1)
        #expect(taken == [1, 0, 0, last, 2, 0, 0, last])
    }

    /// B1: a kernel on a busy machine needs 100 ms for each read, on an idle machine next to nothing.
    @Test(
        "a dump that is interrupted each time ends after a second with the last read", arguments: 0..<3, [0, 100_000])
    func endlessInterruptions(place: Int, microseconds: UInt32) throws {
        let start = Clock.bootNanoseconds()
        let (taken, rounds, isWhole) = try dump(
            interruptions: .max, markedAt: place, microseconds: microseconds)
        let milliseconds = (Clock.bootNanoseconds() - start) / 1_000_000
        let last = UInt8(truncatingIfNeeded: rounds)
        #expect(!isWhole && taken == [1, 0, 0, last, 2, 0, 0, last])
        if microseconds > 0 {
            #expect(milliseconds >= 1000 && rounds <= 11, "\(milliseconds) ms, \(rounds) reads")
        } else {
            #expect(rounds > 100, "\(milliseconds) ms, \(rounds) reads")
        }
    }

    /// A single read may take longer than the second.
    @Test("a dump that takes longer than a second is read once")
    func slowDump() throws {
        let (taken, rounds, isWhole) = try dump(interruptions: .max, markedAt: 1, microseconds: 1_100_000)
        #expect(!isWhole && rounds == 1 && taken == [1, 0, 0, 1, 2, 0, 0, 1])
    }

    @Test func otherErrorsAreNotTriedAgain() {
        var rounds = 0
        let kernel = FakeKernel { kernel, request in
            rounds += 1
            return [Bytes.done(-19, sequence: FakeKernel.sequence(of: request), port: kernel.port)]
        }
        var conversation = NetlinkConversation(over: kernel)
        var request = NetlinkMessage(type: 0x20, flags: 0x301, capacity: 256)
        #expect(throws: Errno.noDevice) {
            _ = try conversation.dump(&request) {
            } _: { _ throws(Errno) in
            }
        }
        #expect(rounds == 1)
    }
}
