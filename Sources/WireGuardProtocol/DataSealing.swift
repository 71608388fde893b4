/// An inner packet in memory of a batch. In front of it is room for a data header, behind it for padding and tag.
package struct UnsafePacket: BitwiseCopyable {
    package let start: UnsafeMutableRawPointer
    package let count: Int

    /// Bytes in front of a packet: type, receiver index, counter.
    package static let headroom = DataHeader.size
    /// Bytes behind it at most: padding to 16, and the tag.
    package static let tailroom = 15 + MessageSize.tag

    package init(start: UnsafeMutableRawPointer, count: Int) { (self.start, self.count) = (start, count) }

    /// Bytes with padding. It hides lengths, but a packet must not become longer than what the interface lets
    /// through (the paper's section 5.4.6).
    @inline(__always)
    package func paddedCount(_ mtu: Int) -> Int { min((count + 15) & ~15, max(count, mtu)) }

    /// Bytes of the data message that it becomes.
    @inline(__always)
    package func messageCount(_ mtu: Int) -> Int { MessageSize.data(content: paddedCount(mtu)) }
}

extension Keypair {
    /// Makes packets in place the data messages with the counters from `firstCounter` on: headers, padding of zeros,
    /// ciphertexts and tags. `jobs` has room for as many.
    package func seal(
        _ packets: UnsafeBufferPointer<UnsafePacket>, from firstCounter: UInt64, _ mtu: Int,
        with cipher: inout PacketCipher, _ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
    ) {
        for (index, packet) in packets.enumerated() {
            let counter = firstCounter + UInt64(index)
            DataHeader(receiverIndex: remoteIndex, counter: counter).write(to: packet.start - UnsafePacket.headroom)
            let count = packet.paddedCount(mtu)
            (packet.start + packet.count).initializeMemory(as: UInt8.self, repeating: 0, count: count - packet.count)
            let bytes = packet.start.assumingMemoryBound(to: UInt8.self)
            jobs[index] = UnsafeCipherJob(source: bytes, destination: bytes, count: count, counter: counter)
        }
        let sealed = UnsafeMutableBufferPointer(rebasing: jobs[..<packets.count])
        let key = sendKey
        cipher.seal(sealed, key: key.span)
    }
}
