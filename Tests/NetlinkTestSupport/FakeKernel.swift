internal import LinuxNetlink
package import LinuxSystem

/// Plays the kernel's side of a netlink socket.
package final class FakeKernel: NetlinkTransport {
    package let port: UInt32 = 0x1234
    /// Every message that was sent, in order.
    package private(set) var sent: [[UInt8]] = []
    private var datagrams: [[UInt8]] = []
    private let answer: (_ kernel: FakeKernel, _ request: [UInt8]) -> [[UInt8]]

    /// `answer` gives the datagrams that follow a request.
    package init(answer: @escaping (_ kernel: FakeKernel, _ request: [UInt8]) -> [[UInt8]]) { self.answer = answer }

    package func send(_ message: UnsafeRawBufferPointer) throws(Errno) {
        sent.append(Array(message))
        datagrams += answer(self, sent.last!)
    }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        guard !datagrams.isEmpty else { throw Errno.tryAgain }
        let datagram = datagrams.removeFirst()
        buffer.copyBytes(from: datagram)
        return datagram.count
    }

    package static func sequence(of request: [UInt8]) -> UInt32 { UInt32(Bytes.number(request[8..<12])) }

    package static func type(of request: [UInt8]) -> UInt16 { UInt16(Bytes.number(request[4..<6])) }

    /// What the kernel says to CTRL_CMD_GETFAMILY: the family's number, and success.
    package func familyAnswer(_ number: UInt16, to request: [UInt8]) -> [[UInt8]] {
        let sequence = FakeKernel.sequence(of: request)
        // struct genlmsghdr: CTRL_CMD_NEWFAMILY, version 2; then CTRL_ATTR_FAMILY_ID.
        let content = [1, 2, 0, 0] + Bytes.attribute(1, Bytes.u16(number))
        return [
            Bytes.message(type: 0x10, sequence: sequence, port: port, content),
            Bytes.end(0, sequence: sequence, port: port),
        ]
    }
}
