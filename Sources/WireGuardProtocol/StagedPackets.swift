internal import Synchronization

/// A peer's packets that wait for a session. When there are too many the oldest are dropped, as in the kernel.
struct StagedPackets {
    /// The kernel's number for one peer.
    static let limit = 128

    private var packets: [[UInt8]] = []
    /// What `packets` take of the room.
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

/// Bounds the memory of the staged packets of all peers together: a hub whose peers are silent would else keep 128
/// packets for each of thousands.
///
/// A quarter is kept for the first packet of each peer, the one that its handshake begins for. Of the rest a peer may
/// hold as many bytes as are still free: one that is alone gets half, and where many stage, each gets about the same.
final class StagingRoom: Sendable {
    static let limit = 16 << 20
    private static let keptForFirstPackets = limit / 4

    private let used = Atomic(0)

    /// What a packet takes with the memory around it.
    static func cost(of count: Int) -> Int { count + 64 }

    var bytes: Int { used.load(ordering: .relaxed) }

    /// False, and nothing is taken, if a peer that holds `held` bytes may not have `cost` more.
    func take(_ cost: Int, besides held: Int) -> Bool {
        let (before, _) = used.wrappingAdd(cost, ordering: .relaxed)
        let free = Self.limit - before - (held == 0 ? 0 : Self.keptForFirstPackets)
        if held + cost <= free { return true }
        giveBack(cost)
        return false
    }

    func giveBack(_ cost: Int) { used.wrappingSubtract(cost, ordering: .relaxed) }
}
