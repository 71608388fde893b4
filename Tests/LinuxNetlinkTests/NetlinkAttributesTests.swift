import LinuxNetlink
import LinuxSystem
import NetlinkTestSupport
import Testing

@Suite struct NetlinkAttributesTests {
    private func read(_ bytes: [UInt8]) throws(Errno) -> [(UInt32, [UInt8])] {
        // As deep in a real datagram: attributes begin on multiples of four.
        var taken: [(UInt32, [UInt8])] = []
        try NetlinkAttributes.forEach(in: bytes.span) { type, content throws(Errno) in
            taken.append((type, content.withUnsafeBufferPointer(Array.init)))
        }
        return taken
    }

    @Test func attributesComeInOrderWithTheirTypesAndContents() throws {
        let taken = try read([
            0x05, 0x00, 0x03, 0x00, 0xaa, 0, 0, 0,  // one byte, three of padding
            0x04, 0x00, 0x07, 0x00,  // empty
            0x08, 0x00, 0x09, 0x80, 1, 2, 3, 4,  // NLA_F_NESTED is no part of the type
        ])
        #expect(taken.map(\.0) == [3, 7, 9])
        #expect(taken.map(\.1) == [[0xaa], [], [1, 2, 3, 4]])
    }

    @Test func lastPaddingMayBeMissing() throws {
        #expect(try read([0x05, 0x00, 0x03, 0x00, 0xaa]).count == 1)
    }

    @Test func truncatedAttributesAreProtocolErrors() {
        let whole = Bytes.attribute(1, [1, 2, 3, 4]) + Bytes.attribute(2, [5, 6, 7, 8])
        for length in 1..<whole.count where length % 8 != 0 {
            #expect(throws: Errno.protocolError) { try read(Array(whole[..<length])) }
        }
        for claimed: UInt16 in [0, 3, 17, 0xffff] {
            #expect(throws: Errno.protocolError) { try read(Bytes.u16(claimed) + whole[2...]) }
        }
    }

    @Test func numbersWantTheirExactSize() throws {
        #expect(try [0x04, 0x03, 0x02, 0x01].span.number(UInt32.self) == 0x0102_0304)
        #expect(throws: Errno.protocolError) { try [1, 2, 3].span.number(UInt32.self) }
        #expect(throws: Errno.protocolError) { try [1, 2, 3].span.number(UInt16.self) }
    }
}
