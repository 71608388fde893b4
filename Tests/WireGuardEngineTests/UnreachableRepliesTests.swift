import Glibc
import TestSupport
import Testing
import WireGuardProtocol

@testable import WireGuardEngine

/// What a program on this machine gets for a packet that no peer owns: bytes as RFC 792 and RFC 4443 have them.
@Suite("Unreachable inner addresses")
struct UnreachableRepliesTests {
    /// IPv4 from 10.0.0.1 to 10.9.9.9, UDP, 12 bytes of payload.
    private let v4: [UInt8] =
        [0x45, 0, 0, 40, 0x12, 0x34, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 9, 9, 9]
        + [0x10, 0, 0x20, 0, 0, 20, 0, 0] + Array("twelve bytes".utf8)
    /// IPv6 from fd00::1 to fd00::9, UDP, 4 bytes of payload.
    private let v6: [UInt8] =
        [0x60, 0, 0, 0, 0, 12, 17, 64, 0xfd] + zeros(14) + [1, 0xfd] + zeros(14) + [9]
        + [0x10, 0, 0x20, 0, 0, 12, 0, 0] + Array("four".utf8)

    @Test("IPv4: host unreachable, from the address that was asked for, quoting the packet")
    func hostUnreachable() throws {
        let reply = try #require(try replies(to: [v4]).first)
        // A header of virtio without meaning, then 20 bytes of IPv4 header.
        #expect(Array(reply[..<10]) == zeros(10))
        let packet = Array(reply[10...])
        #expect(Array(packet[..<4]) == [0x45, 0xc0, 0, UInt8(28 + v4.count)])
        #expect(packet[9] == 1)
        #expect(Array(packet[12..<20]) == [10, 9, 9, 9, 10, 0, 0, 1])
        #expect(naiveSum(Array(packet[..<20])) == 0xffff)
        #expect(Array(packet[20..<22]) == [3, 1])
        #expect(Array(packet[28...]) == v4)
        #expect(naiveSum(Array(packet[20...])) == 0xffff)
    }

    @Test("IPv6: address unreachable")
    func addressUnreachable() throws {
        let reply = try #require(try replies(to: [v6]).first)
        let packet = Array(reply[10...])
        #expect(packet[0] == 0x60 && packet[6] == 58)
        #expect(Int(packet[4]) << 8 | Int(packet[5]) == packet.count - 40)
        #expect(Array(packet[8..<40]) == Array(v6[24..<40]) + Array(v6[8..<24]))
        #expect(Array(packet[40..<42]) == [1, 3])
        #expect(Array(packet[48...]) == v6)
        let pseudoHeader = Array(packet[8..<40]) + [0, 0, 0, UInt8(packet.count - 40), 0, 0, 0, 58]
        #expect(naiveSum(pseudoHeader + Array(packet[40...])) == 0xffff)
    }

    @Test("long packets are quoted in part")
    func quotesInPart() throws {
        var long = v4 + zeros(1300)
        long[2] = UInt8(long.count >> 8)
        long[3] = UInt8(long.count & 0xff)
        let reply = try #require(try replies(to: [long]).first)
        #expect(reply.count == 10 + 576)
        #expect(naiveSum(Array(reply[30...])) == 0xffff)
    }

    @Test("nobody is told about errors, later fragments, multicast, or packets from nowhere")
    func silence() throws {
        var error = v4
        error[9] = 1
        error[20] = 3
        var fragment = v4
        fragment[7] = 1
        var multicast = v4
        multicast[16] = 224
        var errorV6 = v6
        (errorV6[6], errorV6[40]) = (58, 1)
        var multicastV6 = v6
        multicastV6[24] = 0xff
        var fromNowhere = v6
        for index in 8..<24 { fromNowhere[index] = 0 }
        #expect(try replies(to: [error, fragment, multicast, errorV6, multicastV6, fromNowhere]).isEmpty)
        var question = v4
        question[9] = 1
        question[20] = 8
        #expect(try replies(to: [question]).count == 1)
    }

    @Test("a hundred a second are enough")
    func isBounded() throws {
        #expect(try replies(to: Array(repeating: v4, count: 150)).count == 100)
    }

    // MARK: -

    /// What is written to the queue, here one end of a pair of sockets, all in the same second.
    private func replies(to packets: [[UInt8]]) throws -> [[UInt8]] {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var unreachable = UnreachableReplies()
        var replies: [[UInt8]] = []
        for packet in packets {
            var packet = packet
            packet.withUnsafeMutableBytes { bytes in
                unreachable.reply(
                    to: UnsafePacket(start: bytes.baseAddress!, count: bytes.count), through: TunQueue(ends[0]),
                    Instant(nanoseconds: 5_000_000_000))
            }
            var room = [UInt8](repeating: 0, count: 2000)
            let count = read(ends[1], &room, room.count)
            if count > 0 { replies.append(Array(room[..<count])) }
        }
        return replies
    }

    /// The sum of RFC 1071, which is all ones where a right checksum is part of it.
    private func naiveSum(_ bytes: [UInt8]) -> Int {
        var sum = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += Int(bytes[index]) << 8 | (index + 1 < bytes.count ? Int(bytes[index + 1]) : 0)
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return sum
    }
}

private func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
