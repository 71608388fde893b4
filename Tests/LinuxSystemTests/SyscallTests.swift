import ByteText
import Glibc
import LinuxSystem
import Testing

@Suite struct SyscallTests {
    @Test func interruptedCallIsMadeAgain() throws {
        var calls = 0
        let result: Int = try syscall {
            calls += 1
            errno = EINTR
            return calls < 4 ? -1 : 42
        }
        #expect(result == 42)
        #expect(calls == 4)
    }

    @Test func failureIsTypedAndAtOnce() {
        var calls = 0
        #expect(throws: Errno.noDevice) {
            try syscall { () -> Int32 in
                calls += 1
                errno = ENODEV
                return -1
            }
        }
        #expect(calls == 1)
    }

    @Test func errnoDescribesItselfAsTheLibraryDoes() {
        for code in 0..<140 as Range<CInt> {
            #expect(Errno(code).description == String(cString: strerror(code)))
        }
    }

    /// Text that arrives in small pieces, as from a pipe whose writer is slow.
    @Test func shortReadsMakeWholeLines() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        let pieces = ["fi", "rst\nsec", "ond\n", "\n", "la", "st"]
        let writer = FileDescriptor(owning: ends[1])
        var next = pieces.makeIterator()
        var lines: [String] = []
        var splitter = LineSplitter()
        try splitter.forEachLine { (buffer) throws(Errno) in
            guard let piece = next.next() else { return }
            _ = piece.utf8CString.withUnsafeBytes { write(writer.raw, $0.baseAddress!, piece.utf8.count) }
            try reader.read(into: &buffer, room: 3)
            // What the small read left behind comes with the next ones.
            while Self.hasMore(reader.raw) { try reader.read(into: &buffer, room: 3) }
        } _: { line throws(Errno) in
            lines.append(ByteString(copying: line).description)
            return true
        }
        #expect(lines == ["first", "second", "", "last"])
    }

    private static func hasMore(_ descriptor: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) == 1
    }

    /// A pipe takes 64 KiB at a time; the stream goes on where it stopped.
    @Test func outputIsWrittenWhole() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        let end = ends[1]
        let size = 1_000_000
        let writing = Task.detached {
            var output = OutputStream(descriptor: end)
            for index in 0..<size {
                output.buffer.append(UInt8(truncatingIfNeeded: index))
                output.flushIfLarge()
            }
            let failure = output.finish()
            close(end)
            return failure
        }
        var read = ByteBuffer()
        var before = -1
        while read.count > before {
            before = read.count
            try reader.read(into: &read)
        }
        #expect(await writing.value == nil)
        #expect(read.count == size)
        let span = read.span
        #expect(span.indices.allSatisfy { span[$0] == UInt8(truncatingIfNeeded: $0) })
    }

    @Test func firstFailureOfAStreamIsTold() throws {
        let full = try FileDescriptor.open("/dev/full", flags: O_WRONLY)
        var output = OutputStream(descriptor: full.raw)
        output.buffer.append("text")
        #expect(output.finish() == Errno(ENOSPC))
    }
}
