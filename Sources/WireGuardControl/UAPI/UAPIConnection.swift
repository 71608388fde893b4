internal import ByteText
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardText

/// One connection to a userspace daemon.
///
/// A daemon that hangs up early may still have answered, and what it said tells more than the failed
/// write: the answer is read first, and the failure told only where there is none.
struct UAPIConnection: ~Copyable {
    private let socket: FileDescriptor

    init(to path: ByteString) throws(Errno) { socket = try UnixSocket.connect(to: path) }

    borrowing func get(_ name: InterfaceName) throws(Errno) -> Device {
        var request = OutputStream(descriptor: socket.raw, isSocket: true)
        UAPIRequest.appendGet(to: &request.buffer)
        if request.finish() != nil { UnixSocket.endSending(on: socket) }

        var answer = UAPIAnswer(from: name, lookUp: Self.numericEndpoint)
        let isWhole = try? readLines { line throws(UAPIAnswer.Malformed) in try answer.take(line: line) }
        // Also for a daemon that died meanwhile, whatever the socket's last error was.
        guard isWhole == true, let code = answer.errorCode else { throw .protocolError }
        guard code == 0 else { throw Errno(CInt(code)) }
        return answer.device
    }

    borrowing func set(_ update: DeviceUpdate) throws(Errno) {
        var request = OutputStream(descriptor: socket.raw, isSocket: true)
        UAPIRequest.appendBeginning(of: update, to: &request.buffer)
        for peer in update.peers {
            UAPIRequest.append(peer, to: &request.buffer)
            request.flushIfLarge()
        }
        UAPIRequest.appendEnd(to: &request.buffer)
        let writeFailure = request.finish()
        // Else a daemon that still listens would wait for the rest, and we for its answer.
        if writeFailure != nil { UnixSocket.endSending(on: socket) }

        var status = UAPIStatus()
        let isWhole = try readLines { line throws(UAPIAnswer.Malformed) in try status.take(line: line) }
        guard isWhole, let code = status.code else { throw writeFailure ?? .protocolError }
        // A daemon answers with the negated number.
        guard code == 0 else { throw Errno(CInt(truncatingIfNeeded: -code)) }
    }

    /// Whether `take` has seen the line, the empty one, for which it returns false.
    private borrowing func readLines(
        _ take: (Span<UInt8>) throws(UAPIAnswer.Malformed) -> Bool
    ) throws(Errno) -> Bool {
        var isWhole = false
        var lines = LineSplitter()
        try lines.forEachLine { (buffer) throws(Errno) in
            try socket.read(into: &buffer)
        } _: { line throws(Errno) in
            do throws(UAPIAnswer.Malformed) {
                isWhole = try !take(line)
            } catch {
                throw .protocolError
            }
            return !isWhole
        }
        return isWhole
    }

    /// Endpoints in a daemon's answer are numbers; nobody is asked for names here.
    private static func numericEndpoint(_ name: EndpointName) -> Endpoint? {
        try? Endpoint(AddressLookup.find(host: name.host, port: name.port, numericHost: true))
    }
}
