/// The checksum of the internet protocols while it is summed up: RFC 1071.
///
/// The sum is kept in the machine's byte order, in which wide words can be added: swapping the bytes of all
/// summands swaps those of the sum (section 2 (B)). Every piece but the last has to have an even length.
package struct Checksum: BitwiseCopyable {
    /// Unfolded: 64 KiB add less than 2^47.
    private var sum: UInt64 = 0

    package init() {}

    private typealias Words = SIMD8<UInt64>

    // MARK: Summing up

    package mutating func add(_ start: UnsafeRawPointer, count: Int) {
        var sums = Words.zero
        var highHalves = Words.zero
        var offset = 0
        while offset + MemoryLayout<Words>.size <= count {
            let words = start.loadUnaligned(fromByteOffset: offset, as: Words.self)
            sums &+= words
            highHalves &+= words &>> 32
            offset += MemoryLayout<Words>.size
        }
        // The sums have overflowed; without the high halves they would not have, and those are known.
        let high = highHalves.wrappedSum()
        sum &+= high &+ (sums.wrappedSum() &- high << 32)
        addShort(start + offset, count: count - offset)
    }

    /// Copies, and sums up what then is near. Source and target do not overlap.
    package mutating func addCopying(_ start: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
        target.copyMemory(from: start, byteCount: count)
        add(target, count: count)
    }

    /// A number that a header holds.
    @inline(__always)
    package mutating func add(_ number: UInt16) { sum &+= UInt64(number.bigEndian) }

    /// What takes a number out of the sum again: in one's complement, minus is not.
    @inline(__always)
    package mutating func subtract(_ number: UInt16) { add(~number) }

    /// Addresses, protocol and length, which TCP, UDP and ICMPv6 sum up in front of their own header: RFC 9293
    /// section 3.1, RFC 8200 section 8.1.
    @inline(__always)
    package mutating func addPseudoHeader(ofPacketAt start: UnsafeRawPointer, protocolNumber: UInt8, length: Int) {
        if start.load(as: UInt8.self) >> 4 == 4 {
            addWords(start + 12, UInt64.self)
        } else {
            for offset in stride(from: 8, to: 40, by: 8) { addWords(start + offset, UInt64.self) }
        }
        add(UInt16(protocolNumber))
        add(UInt16(truncatingIfNeeded: length))
    }

    /// Less than one wide word.
    @inline(__always)
    private mutating func addShort(_ start: UnsafeRawPointer, count: Int) {
        var start = start
        var left = count
        while left >= 8 {
            addWords(start, UInt64.self)
            (start, left) = (start + 8, left - 8)
        }
        if left & 4 != 0 {
            addWords(start, UInt32.self)
            start += 4
        }
        if left & 2 != 0 {
            addWords(start, UInt16.self)
            start += 2
        }
        // A zero behind an odd last byte makes it a word.
        if left & 1 != 0 { add(UInt16(start.load(as: UInt8.self)) << 8) }
    }

    @inline(__always)
    private mutating func addWords<Word: FixedWidthInteger & UnsignedInteger>(_ start: UnsafeRawPointer, _: Word.Type) {
        let word = UInt64(start.loadUnaligned(as: Word.self))
        sum &+= (word & 0xffff_ffff) &+ (word >> 32)
    }

    // MARK: Results

    /// The sum itself, as it is put where somebody else shall complete it.
    @inline(__always)
    package var folded: UInt16 {
        var sum = (sum & 0xffff_ffff) &+ (sum >> 32)
        sum = (sum & 0xffff) &+ (sum >> 16 & 0xffff) &+ (sum >> 32)
        sum = (sum & 0xffff) &+ (sum >> 16)
        sum = (sum & 0xffff) &+ (sum >> 16)
        return UInt16(truncatingIfNeeded: sum).bigEndian
    }

    /// The checksum of what was added.
    @inline(__always)
    package var value: UInt16 { ~folded }

    /// The same where 0 means that there is none; 0 and 65535 are one number in one's complement.
    @inline(__always)
    package var nonzeroValue: UInt16 { value == 0 ? 0xffff : value }
}

extension Checksum {
    /// Of bytes among which the checksum itself counts as 0.
    package static func of(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt16 {
        var sum = Checksum()
        sum.add(bytes)
        return sum.value
    }

    /// The same with the pseudo header of the packet whose IP header is at the start of `header`.
    package static func of(
        _ bytes: Slice<UnsafeRawBufferPointer>, pseudoHeaderOf header: Slice<UnsafeRawBufferPointer>,
        protocolNumber: UInt8
    ) -> UInt16 {
        var sum = Checksum()
        let start = UnsafeRawBufferPointer(rebasing: header).baseAddress!
        sum.addPseudoHeader(ofPacketAt: start, protocolNumber: protocolNumber, length: bytes.count)
        sum.add(bytes)
        return sum.value
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard let start = UnsafeRawBufferPointer(rebasing: bytes).baseAddress else { return }
        add(start, count: bytes.count)
    }
}
