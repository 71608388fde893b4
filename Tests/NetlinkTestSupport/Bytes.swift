/// Netlink's wire format written out plainly, in the machine's byte order (little-endian on what we test):
/// the dumb twin of libmnl.
package enum Bytes {
    package static func u16(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }

    package static func u32(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 0xff) } }

    package static func u64(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(value >> ($0 * 8) & 0xff) } }

    /// Length and type, content, and zeros up to the next multiple of four.
    package static func attribute(_ type: UInt16, _ content: [UInt8], nested: Bool = false) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
        return u16(UInt16(4 + content.count)) + u16(type | (nested ? 0x8000 : 0)) + content + padding
    }

    package static func message(
        type: UInt16, flags: UInt16 = 0, sequence: UInt32, port: UInt32, _ content: [UInt8]
    ) -> [UInt8] {
        u32(UInt32(16 + content.count)) + u16(type) + u16(flags) + u32(sequence) + u32(port) + content
    }

    /// NLMSG_ERROR: a negated errno, or zero for success, and the header of the request (left empty here).
    package static func end(_ code: Int32, sequence: UInt32, port: UInt32) -> [UInt8] {
        message(
            type: 2, sequence: sequence, port: port, u32(UInt32(bitPattern: code)) + [UInt8](repeating: 0, count: 16))
    }

    /// NLMSG_DONE, the end of a dump.
    package static func done(_ code: Int32 = 0, flags: UInt16 = 2, sequence: UInt32, port: UInt32) -> [UInt8] {
        message(type: 3, flags: flags, sequence: sequence, port: port, u32(UInt32(bitPattern: code)))
    }

    /// The attributes in a run of them, by type; a repeated one keeps its last content.
    package static func attributes(_ run: ArraySlice<UInt8>) -> [(type: UInt16, content: ArraySlice<UInt8>)] {
        var found: [(UInt16, ArraySlice<UInt8>)] = []
        var rest = run
        while rest.count >= 4 {
            let length = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
            let type = UInt16(rest[rest.startIndex + 2]) | UInt16(rest[rest.startIndex + 3] & 0x7f) << 8
            found.append((type, rest[(rest.startIndex + 4)..<(rest.startIndex + length)]))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return found
    }

    package static func number(_ content: ArraySlice<UInt8>) -> UInt64 {
        content.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
