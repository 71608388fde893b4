import ByteText
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite struct UnixSocketTests {
    private let folder: String
    private var path: ByteString { ByteString(folder + "/wg0.sock") }

    init() throws { folder = try makeTemporaryFolder("sockets") }

    @Test func listenerIsItsOwnersAlone() throws {
        defer { removeFolder() }
        let listener = try UnixSocket.listen(at: path)
        var status = stat()
        try #require(stat(path.description, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o600)
        // Nothing is left of the name that it had in passing.
        #expect(try FileSystem.entries(of: ByteString(folder)) == ["wg0.sock"])
        _ = listener.raw
    }

    @Test func takesThePlaceOfAnother() throws {
        defer { removeFolder() }
        let old = try UnixSocket.listen(at: path)
        let new = try UnixSocket.listen(at: path)
        let client = try UnixSocket.connect(to: path)
        let acceptedByOld = try UnixSocket.accept(from: old) != nil
        let acceptedByNew = try UnixSocket.accept(from: new) != nil
        #expect([acceptedByOld, acceptedByNew] == [false, true])
        _ = client.raw
    }

    @Test func failureLeavesNothingBehind() throws {
        defer { removeFolder() }
        try #require(mkdir(folder + "/wg0.sock", 0o755) == 0)
        #expect(throws: Errno(EISDIR)) { _ = try UnixSocket.listen(at: path).raw }
        #expect(try FileSystem.entries(of: ByteString(folder)) == ["wg0.sock"])
        rmdir(folder + "/wg0.sock")
        let long = ByteString(folder + "/" + String(repeating: "n", count: 108))
        #expect(throws: Errno.nameTooLong) { _ = try UnixSocket.listen(at: long).raw }
    }

    @Test func bytesGoBothWaysWithoutWaiting() throws {
        defer { removeFolder() }
        let listener = try UnixSocket.listen(at: path)
        let none = try UnixSocket.accept(from: listener) == nil
        #expect(none)
        let client = try UnixSocket.connect(to: path)
        let server = try accept(from: listener)
        var buffer = ByteBuffer()
        #expect(try server.receive(into: &buffer) == .wouldBlock)
        let question: [UInt8] = Array("get=1".utf8)
        #expect(try client.send(question.span) == .moved(5))
        #expect(try server.receive(into: &buffer, room: 3) == .moved(3))
        #expect(try server.receive(into: &buffer, room: 3) == .moved(2))
        let received = ByteString(copying: buffer.span)
        #expect(received == "get=1")

        let block = [UInt8](repeating: 7, count: 1 << 16)
        var sent = 0
        while case .moved(let count) = try server.send(block.span) { sent += count }
        #expect(sent > 0)
        buffer.removeAll()
        while buffer.count < sent { #expect(try client.receive(into: &buffer) != .wouldBlock) }
        #expect(try client.receive(into: &buffer) == .wouldBlock)
        let count = buffer.count
        #expect(count == sent)
    }

    @Test func endAndHangUpAreTold() throws {
        defer { removeFolder() }
        let listener = try UnixSocket.listen(at: path)
        let client = try UnixSocket.connect(to: path)
        let server = try accept(from: listener)
        shutdown(client.raw, CInt(SHUT_RDWR))
        var buffer = ByteBuffer()
        #expect(try server.receive(into: &buffer) == .ended)
        let byte: [UInt8] = [1]
        #expect(throws: Errno(EPIPE)) { try server.send(byte.span) }
    }

    @Test func inheritedDescriptorIsMadeOurs() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        let writer = FileDescriptor(owning: ends[1])
        try reader.setNonBlocking()
        try reader.setCloseOnExec()
        #expect(fcntl(reader.raw, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(writer.raw, F_GETFD) == 0)
        var buffer = ByteBuffer()
        var failure: Errno?
        do throws(Errno) { try reader.read(into: &buffer) } catch { failure = error }
        #expect(failure == .tryAgain)
    }

    private func accept(from listener: borrowing FileDescriptor) throws -> FileDescriptor {
        guard let accepted = try UnixSocket.accept(from: listener) else { throw Errno.tryAgain }
        return accepted
    }

    private func removeFolder() {
        unlink(folder + "/wg0.sock")
        rmdir(folder)
    }
}
