import ByteText
import Glibc
import LinuxSystem
import Testing

@Suite struct ProgramTests {
    private func shell(_ script: ByteString, _ arguments: [ByteString] = []) -> Program {
        var program = Program("sh", ["-c", script, "sh"] + arguments)
        (program.output, program.errors) = (.captured, .captured)
        return program
    }

    @Test func bothOutputsAreCapturedApart() throws {
        let result = try shell("echo out; echo err >&2; echo more").run()
        #expect(result.output == "out\nmore\n")
        #expect(result.errors == "err\n")
        #expect(result.ending.isSuccess)
    }

    @Test(arguments: [0, 1, 2, 127, 255] as [UInt8])
    func exitStatusIsTold(status: UInt8) throws {
        let ending = try shell(ByteString("exit \(status)")).run().ending
        #expect(ending == .exited(status))
        #expect(ending.shellStatus == status)
        #expect(ending.isSuccess == (status == 0))
    }

    @Test(arguments: [SIGTERM, SIGKILL, SIGUSR1])
    func signalIsTold(signal: CInt) throws {
        let ending = try shell(ByteString("kill -\(signal) $$")).run().ending
        #expect(ending == .killed(signal: signal))
        #expect(ending.shellStatus == 128 + UInt8(signal))
        #expect(!ending.isSuccess)
    }

    /// No shell looks at them.
    @Test func argumentsArriveAsTheyAre() throws {
        let arguments: [ByteString] = ["", " a  b ", "$HOME", "`id`", "*", "'\"\\", "\n", ByteString([0xff, 0xfe])]
        let result = try shell(#"printf '%s|' "$@""#, arguments).run()
        #expect(result.output.bytes == Array(arguments.flatMap { $0.bytes + Array("|".utf8) }))
    }

    @Test func environmentIsOursOrTheOneGiven() throws {
        var program = shell("env")
        program.environment = ["ONLY=this one", "EMPTY="]
        let lines = try program.run().output.description.split(separator: "\n")
        #expect(Set(lines).isSuperset(of: ["ONLY=this one", "EMPTY="]))
        #expect(!lines.contains { $0.hasPrefix("PATH=") || $0.hasPrefix("HOME=") })
        #expect(try shell("echo $PATH").run().output == Environment.value("PATH")! + "\n")
    }

    /// More than any pipe holds, in both directions, and with a program that reads nothing before it has written.
    @Test(arguments: ["cat", "head -c 3000000 /dev/zero >&2; cat"] as [ByteString])
    func largeInputAndOutputDoNotBlock(script: ByteString) throws {
        let bytes = ByteString((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        var program = shell(script)
        program.input = .bytes(bytes)
        let result = try program.run()
        #expect(result.output == bytes)
        #expect(result.errors.count == (script == "cat" ? 0 : 3_000_000))
    }

    @Test func inputThatNobodyReadsIsNoMatter() throws {
        var program = shell("exit 3")
        program.input = .bytes(ByteString([UInt8](repeating: 7, count: 1 << 20)))
        #expect(try program.run().ending == .exited(3))
    }

    @Test func inputCanBeOpenedByName() throws {
        var program = shell("cat /dev/stdin; cat </dev/stdin")
        program.input = .bytes("once and again\n")
        #expect(try program.run().output == "once and again\nonce and again\n")
    }

    @Test func nothingIsReadAndNothingIsKept() throws {
        var program = shell("cat; echo lost; echo kept >&2")
        (program.input, program.output) = (.nothing, .nothing)
        let result = try program.run()
        #expect(result == ProgramResult(ending: .exited(0), errors: "kept\n"))
    }

    @Test func streamsLeadToDescriptors() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        let writer = FileDescriptor(owning: ends[1])
        let file = try FileDescriptor.open("/etc/hostname")
        var program = shell("cat; echo end >&2")
        (program.input, program.output, program.errors) = (.descriptor(file.raw), .descriptor(writer.raw), .captured)
        #expect(try program.run().errors == "end\n")
        var read = ByteBuffer()
        var expected = ByteBuffer()
        try reader.read(into: &read)
        try FileDescriptor.open("/etc/hostname").read(into: &expected)
        let same = Array(copying: read.span) == Array(copying: expected.span)
        #expect(same)
    }

    @Test func otherDescriptorsStayWithUs() throws {
        let file = try FileDescriptor.open("/etc/hostname")
        let result = try shell(ByteString("[ ! -e /proc/self/fd/\(file.raw) ]")).run()
        #expect(result.ending.isSuccess)
    }

    /// It holds the outputs open after the program that was waited for has ended.
    @Test func programsLeftBehindAreNotWaitedFor() throws {
        let result = try shell("sleep 300 & echo $!").run()
        #expect(result.ending.isSuccess)
        let pid = try #require(Int32(result.output.description.dropLast()))
        #expect(kill(pid, SIGKILL) == 0, "it still ran")
    }

    @Test func startedProgramRunsOnUntilItIsWaitedFor() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        var program = shell("read line; echo had $line")
        program.input = .descriptor(reader.raw)
        let child = try program.start()
        #expect(kill(child.pid, 0) == 0)
        _ = "it\n".withCString { write(ends[1], $0, 3) }
        close(ends[1])
        #expect(try child.wait().output == "had it\n")
    }

    @Test func programThatIsNotThereIsNotFound() {
        #expect(throws: Errno.notFound) { try Program("no-such-program-anywhere").run() }
        #expect(throws: Errno.notFound) { try Program("/no/such/program").run() }
        #expect(throws: Errno(EACCES)) { try Program("/etc").run() }
    }

    /// Threads of ours block every signal; what they start must not.
    @Test func programsBlockNoSignals() throws {
        let mask = SignalMask()
        let thread = try Thread(name: "starter") {
            mask.text = try? shell("grep SigBlk /proc/self/status").run().output
        }
        thread.join()
        #expect(mask.text == "SigBlk:\t0000000000000000\n")
    }

    /// Read only after the thread that writes it has ended.
    private final class SignalMask: @unchecked Sendable {
        var text: ByteString?
    }
}
