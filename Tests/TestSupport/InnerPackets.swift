/// A TCP or UDP packet field by field, for tests that need many. `bytes` are the whole, checksums included.
package struct InnerPackets: Equatable {
    package var isV4 = true
    package var isTCP = true
    package var source: [UInt8] = [10, 0, 0, 1]
    package var destination: [UInt8] = [10, 0, 0, 2]
    package var sourcePort: UInt16 = 1000
    package var destinationPort: UInt16 = 2000
    /// Type of service or traffic class.
    package var service: UInt8 = 0
    package var flowLabel: UInt32 = 0
    package var hopLimit: UInt8 = 64
    package var identification: UInt16 = 0
    /// DF, MF and offset.
    package var fragment: UInt16 = 0x4000
    package var networkOptions: [UInt8] = []
    /// Extension headers of IPv6 with their numbers, each a multiple of 8 bytes, of which the first two are filled in.
    package var extensions: [(number: UInt8, bytes: [UInt8])] = []
    package var sequence: UInt32 = 0
    package var acknowledgement: UInt32 = 0
    package var flags: UInt8 = 0x10
    package var window: UInt16 = 0xffff
    package var urgent: UInt16 = 0
    package var options: [UInt8] = []
    package var payload: [UInt8] = []
    package var hasChecksum = true

    package init() {}

    package static func == (left: InnerPackets, right: InnerPackets) -> Bool { left.bytes == right.bytes }

    package var networkHeaderLength: Int {
        isV4 ? 20 + networkOptions.count : 40 + extensions.reduce(0) { $0 + $1.bytes.count }
    }

    package var headerLength: Int { networkHeaderLength + (isTCP ? 20 + options.count : 8) }

    private var protocolNumber: UInt8 { isTCP ? 6 : 17 }

    package var bytes: [UInt8] {
        let transport = transport(checksum: 0)
        guard hasChecksum else { return network(transport) }
        var checksum = ~NaiveChecksum.sum(pseudoHeader(transport.count) + transport)
        if !isTCP, checksum == 0 { checksum = 0xffff }
        return network(self.transport(checksum: checksum))
    }

    /// The same as a TUN queue brings it in one frame, however much its payload is.
    package func frame(segmentSize: Int, ecn: Bool = false) -> [UInt8] {
        let length = transport(checksum: 0).count
        let begun = NaiveChecksum.sum(pseudoHeader(length))
        let segmentation: UInt8 = isTCP ? (isV4 ? 1 : 4) | (ecn ? 0x80 : 0) : 5
        var header: [UInt8] = [1, segmentation]
        for field in [headerLength, segmentSize, networkHeaderLength, isTCP ? 16 : 6] {
            withUnsafeBytes(of: UInt16(field)) { header += $0 }
        }
        return header + network(transport(checksum: begun))
    }

    private func network(_ transport: [UInt8]) -> [UInt8] {
        isV4 ? networkV4(transport.count) + transport : networkV6(transport.count) + transport
    }

    private func networkV4(_ length: Int) -> [UInt8] {
        let words = UInt8(5 + networkOptions.count / 4)
        var header: [UInt8] = [0x40 | words, service]
        header += big(UInt16(networkHeaderLength + length)) + big(identification) + big(fragment)
        header += [hopLimit, protocolNumber, 0, 0] + source + destination + networkOptions
        header.replaceSubrange(10..<12, with: big(~NaiveChecksum.sum(header)))
        return header
    }

    private func networkV6(_ length: Int) -> [UInt8] {
        var header = big(6 << 28 | UInt32(service) << 20 | flowLabel)
        header += big(UInt16(networkHeaderLength - 40 + length))
        header += [extensions.first?.number ?? protocolNumber, hopLimit] + source + destination
        for (index, one) in extensions.enumerated() {
            let next = index + 1 < extensions.count ? extensions[index + 1].number : protocolNumber
            header += [next, UInt8(one.bytes.count / 8 - 1)] + one.bytes.dropFirst(2)
        }
        return header
    }

    private func transport(checksum: UInt16) -> [UInt8] {
        let ports = big(sourcePort) + big(destinationPort)
        guard isTCP else { return ports + big(UInt16(8 + payload.count)) + big(checksum) + payload }
        let words = UInt8(5 + options.count / 4)
        let header = ports + big(sequence) + big(acknowledgement) + [words << 4, flags] + big(window)
        return header + big(checksum) + big(urgent) + options + payload
    }

    /// RFC 9293 section 3.1, RFC 8200 section 8.1: a routing header (type 0 and 2) ends with the final destination.
    private func pseudoHeader(_ length: Int) -> [UInt8] {
        let routing = extensions.first { $0.number == 43 && $0.bytes[3] > 0 }
        let final = routing.map { Array($0.bytes.suffix(16)) } ?? destination
        return source + final + [0, protocolNumber] + big(UInt16(truncatingIfNeeded: length))
    }

    private func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// RFC 1071 word by word.
package enum NaiveChecksum {
    package static func sum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
            if sum > 0xffff { sum -= 0xffff }
        }
        return UInt16(sum)
    }
}
