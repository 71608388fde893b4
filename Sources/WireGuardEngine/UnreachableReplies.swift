internal import LinuxSystem
internal import WireGuardProtocol

/// Tells programs on this machine that an inner address belongs to no peer, or to one whose endpoint nobody
/// knows, so that they fail at once instead of waiting: ICMP host unreachable (RFC 792), ICMPv6 address
/// unreachable (RFC 4443, section 3.1).
///
/// It comes from the address that was asked for: the interface's own are not ours to know, and the route back
/// to that address leads here, so that no reverse-path check refuses it.
struct UnreachableReplies {
    private static let perSecond = 100
    /// The reply quotes the packet it is about: the smallest IPv6 MTU bounds both.
    private static let longest = 576

    private var second: UInt64 = 0
    private var sent = 0

    mutating func reply(to packet: UnsafePacket, through queue: TunQueue, _ now: Instant) {
        guard takeTurn(now) else { return }
        withUnsafeTemporaryAllocation(byteCount: VirtioNetHeader.size + Self.longest, alignment: 8) { room in
            _ = room.initializeMemory(as: UInt8.self, repeating: 0)
            let message = UnsafeMutableRawBufferPointer(rebasing: room[VirtioNetHeader.size...])
            let original = UnsafeRawBufferPointer(start: packet.start, count: packet.count)
            let count =
                original[0] >> 4 == 4 ? Self.writeV4(about: original, message) : Self.writeV6(about: original, message)
            guard count > 0 else { return }
            try? queue.write(UnsafeRawBufferPointer(rebasing: room[..<(VirtioNetHeader.size + count)]))
        }
    }

    /// As many as the kernel lets through of its own, roughly.
    private mutating func takeTurn(_ now: Instant) -> Bool {
        let current = now.nanoseconds / 1_000_000_000
        if second != current { (second, sent) = (current, 0) }
        sent += 1
        return sent <= Self.perSecond
    }

    /// Writes the reply and returns its length; 0 where none is due (RFC 1122, section 3.2.2).
    private static func writeV4(about original: UnsafeRawBufferPointer, _ message: UnsafeMutableRawBufferPointer) -> Int
    {
        guard original.count >= 20 else { return 0 }
        let headerLength = Int(original[0] & 15) * 4
        let isFirstFragment = original[6] & 0x1f == 0 && original[7] == 0
        let isMulticast = original[16] >= 224
        guard isFirstFragment, !isMulticast, headerLength >= 20, original.count >= headerLength,
            !isICMPError(original, at: headerLength)
        else { return 0 }
        let quoted = min(original.count, longest - 28)
        let total = 28 + quoted
        message[0] = 0x45
        message[1] = 0xc0  // precedence: internetwork control, as errors have it
        message.store(UInt16(total), at: 2)
        message[8] = 64
        message[9] = 1
        message.copy(original[16..<20], to: 12)
        message.copy(original[12..<16], to: 16)
        message.store(Checksum.of(UnsafeRawBufferPointer(message)[..<20]), at: 10)
        message[20] = 3
        message[21] = 1
        message.copy(original[..<quoted], to: 28)
        message.store(Checksum.of(UnsafeRawBufferPointer(message)[20..<total]), at: 22)
        return total
    }

    /// The same for IPv6 (RFC 4443, section 2.4).
    private static func writeV6(about original: UnsafeRawBufferPointer, _ message: UnsafeMutableRawBufferPointer) -> Int
    {
        guard original.count >= 40 else { return 0 }
        let isMulticast = original[24] == 0xff
        let isError = original[6] == 58 && original.count > 40 && original[40] < 128
        let isFromNobody = original[8..<24].allSatisfy { $0 == 0 }
        guard !isMulticast, !isError, !isFromNobody else { return 0 }
        let quoted = min(original.count, longest - 48)
        message[0] = 0x60
        message.store(UInt16(8 + quoted), at: 4)
        message[6] = 58
        message[7] = 64
        message.copy(original[24..<40], to: 8)
        message.copy(original[8..<24], to: 24)
        message[40] = 1
        message[41] = 3
        message.copy(original[..<quoted], to: 48)
        let body = UnsafeRawBufferPointer(message)[40..<(48 + quoted)]
        message.store(
            Checksum.of(body, pseudoHeaderOf: UnsafeRawBufferPointer(message)[..<40], protocolNumber: 58), at: 42)
        return 48 + quoted
    }

    /// No errors about errors.
    private static func isICMPError(_ packet: UnsafeRawBufferPointer, at headerLength: Int) -> Bool {
        guard packet[9] == 1, packet.count > headerLength else { return false }
        let isQuery: Set<UInt8> = [0, 8, 13, 14]
        return !isQuery.contains(packet[headerLength])
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func store(_ number: UInt16, at offset: Int) {
        storeBytes(of: number.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    fileprivate func copy(_ bytes: Slice<UnsafeRawBufferPointer>, to offset: Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[offset...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes))
    }
}
