/// Which group the newest packet of a flow is in, for the packets of one batch.
///
/// Each flow has one place, which others may share: the newest flow has it. That only costs a chance to join.
struct FlowTable: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var round: UInt64
        var group: Int
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let mask: UInt64
    /// Entries of former rounds count as empty.
    private var round: UInt64 = 1

    /// `capacity`: how many flows there are at most.
    init(capacity: Int) {
        var count = 16
        while count < 2 * capacity { count *= 2 }
        mask = UInt64(count - 1)
        entries = .allocate(capacity: count)
        entries.initialize(repeating: Entry(round: 0, group: 0), count: count)
    }

    deinit { entries.deallocate() }

    mutating func forgetAll() { round &+= 1 }

    @inline(__always)
    func place(of packet: UnsafeFlowPacket) -> Int { Int(truncatingIfNeeded: packet.hash & mask) }

    @inline(__always)
    subscript(place: Int) -> Int? {
        get { entries[place].round == round ? entries[place].group : nil }
        nonmutating set { if let group = newValue { entries[place] = Entry(round: round, group: group) } }
    }
}
