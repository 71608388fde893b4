/// An inner packet in a batch's memory, with room before it for a data header, and after it for padding and tag.
package struct UnsafePacket: BitwiseCopyable {
    package let start: UnsafeMutableRawPointer
    package let count: Int

    /// Bytes before a packet: type, receiver index, counter.
    package static let headroom = DataHeader.size
    /// Bytes after a packet, at most: padding to 16, and the tag.
    package static let tailroom = 15 + MessageSize.tag

    package init(start: UnsafeMutableRawPointer, count: Int) { (self.start, self.count) = (start, count) }

    /// Bytes with padding. Padding hides lengths, but must not make a packet longer than the MTU (the paper's section
    /// 5.4.6).
    @inline(__always)
    package func paddedCount(_ mtu: Int) -> Int { min((count + 15) & ~15, max(count, mtu)) }

    /// Bytes of the packet's data message.
    @inline(__always)
    package func messageCount(_ mtu: Int) -> Int { MessageSize.data(content: paddedCount(mtu)) }
}

extension Keypair {
    /// Turns packets, in place, into data messages with the counters from `firstCounter` on: headers, zero padding,
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
