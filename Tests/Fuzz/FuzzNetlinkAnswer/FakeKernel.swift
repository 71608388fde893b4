import Glibc
import LinuxNetlink
import LinuxSystem
import WireGuardControl

/// A kernel that says what it was given to say, and then breaks off.
final class FakeKernel: NetlinkTransport {
    let port: UInt32 = 77
    private(set) var sent: [[UInt8]] = []
    private let question: Question
    private var left: [[UInt8]]

    init(for question: Question) {
        self.question = question
        left = question.datagrams.reversed()
    }

    func send(_ message: UnsafeRawBufferPointer) throws(Errno) {
        sent.append(Array(message))
        if question.repeats { left = question.datagrams.reversed() }
        let type = Netlink.number(message[4..<6])
        if type == Netlink.controlType, question.knowsFamily { left.append(Netlink.familyAnswer) }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        guard let answer = left.popLast() else { throw Errno(ENOBUFS) }
        let datagram = addressed(answer).prefix(buffer.count)
        buffer.copyBytes(from: datagram)
        return datagram.count
    }

    /// Messages of sequence number 0 answer whatever was asked last: no fuzzer could guess that number.
    private func addressed(_ datagram: [UInt8]) -> [UInt8] {
        let sequencePlace = 8..<12
        var datagram = datagram
        var start = 0
        while datagram.count - start >= Netlink.headerLength {
            let place = (start + sequencePlace.lowerBound)..<(start + sequencePlace.upperBound)
            if datagram[place].allSatisfy({ $0 == 0 }) {
                datagram.replaceSubrange(place, with: sent.last![sequencePlace])
            }
            let length = Netlink.number(datagram[start..<(start + 4)])
            guard length >= Netlink.headerLength, length <= datagram.count else { break }
            start += Netlink.aligned(Int(length))
        }
        return datagram
    }
}

/// Netlink's layout, as far as the tests lay it out themselves.
enum Netlink {
    static let headerLength = 16
    static let genericHeaderLength = 4
    /// Of messages about the families themselves.
    static let controlType: UInt64 = 16

    static func aligned(_ length: Int) -> Int { (length + 3) / 4 * 4 }

    /// From the bytes of a machine that puts the lowest first.
    static func number(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    static func message(type: UInt16, _ content: [UInt8]) -> [UInt8] {
        let length = UInt32(headerLength + content.count)
        return bytes(length) + bytes(type) + [0, 0] + bytes(UInt32(0)) + bytes(UInt32(0)) + content
    }

    static var success: [UInt8] { message(type: 2, [UInt8](repeating: 0, count: 20)) }

    /// The kernel's answer to the question for the family "wireguard".
    static var familyAnswer: [UInt8] {
        let number: [UInt8] = bytes(UInt16(6)) + bytes(UInt16(1)) + bytes(UInt16(33)) + [0, 0]
        return message(type: UInt16(controlType), [1, 2, 0, 0] + number) + success
    }
}
