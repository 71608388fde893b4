/// Packets that wait for a session. When there are too many the oldest are forgotten.
struct StagedPackets {
    static let limit = 128

    private var packets: [[UInt8]] = []

    var isEmpty: Bool { packets.isEmpty }

    mutating func append(_ packet: UnsafeRawBufferPointer) {
        if packets.count == Self.limit { packets.removeFirst() }
        packets.append(Array(packet))
    }

    /// All of them, in their order.
    mutating func takeAll() -> [[UInt8]] {
        defer { packets = [] }
        return packets
    }
}
