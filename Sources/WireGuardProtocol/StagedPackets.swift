internal import Synchronization

/// A peer's packets that wait for a session. If there are too many, the oldest are dropped, as in the kernel.
struct StagedPackets {
    /// The kernel's limit for one peer (MAX_STAGED_PACKETS).
    static let limit = 128

    private var packets: [[UInt8]] = []
    /// The bytes of the room that `packets` use.
    private var bytes = 0
    private let room: StagingRoom

    init(in room: StagingRoom) { self.room = room }

    var isEmpty: Bool { packets.isEmpty }

    mutating func append(_ packet: UnsafeRawBufferPointer) {
        if packets.count == Self.limit { dropOldest() }
        let cost = StagingRoom.cost(of: packet.count)
        while !room.take(cost, besides: bytes) {
            guard !packets.isEmpty else { return }
            dropOldest()
        }
        packets.append(Array(packet))
        bytes += cost
    }

    private mutating func dropOldest() {
        let cost = StagingRoom.cost(of: packets.removeFirst().count)
        bytes -= cost
        room.giveBack(cost)
    }

    /// All of them, in their order.
    mutating func takeAll() -> [[UInt8]] {
        room.giveBack(bytes)
        bytes = 0
        defer { packets = [] }
        return packets
    }
}

/// Bounds the memory of the staged packets of all peers together: a hub with thousands of silent peers would otherwise
/// keep 128 packets for each.
///
/// A quarter is reserved for the first packet of each peer, which starts its handshake. Of the rest a peer may hold as
/// many bytes as are still free: a single peer gets half, and many peers get about the same each.
final class StagingRoom: Sendable {
    static let limit = 16 << 20
    private static let keptForFirstPackets = limit / 4

    private let used = Atomic(0)

    /// The bytes that a packet uses, with the overhead of its allocation.
    static func cost(of count: Int) -> Int { count + 64 }

    var bytes: Int { used.load(ordering: .relaxed) }

    /// Takes `cost` bytes. False, taking nothing, if a peer that holds `held` bytes may not have that many more.
    func take(_ cost: Int, besides held: Int) -> Bool {
        let (before, _) = used.wrappingAdd(cost, ordering: .relaxed)
        let free = Self.limit - before - (held == 0 ? 0 : Self.keptForFirstPackets)
        if held + cost <= free { return true }
        giveBack(cost)
        return false
    }

    func giveBack(_ cost: Int) { used.wrappingSubtract(cost, ordering: .relaxed) }
}
