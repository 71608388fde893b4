internal import WireGuardProtocol

/// Peers that wait to be served, the earliest first: a binary heap.
///
/// A peer may stand here several times. Only one of its alarms counts, and the tunnel knows which.
struct PeerTimerQueue {
    private var heap: [PeerAlarm] = []

    var earliest: Instant { heap.first?.moment ?? .never }

    mutating func add(_ alarm: PeerAlarm) {
        heap.append(alarm)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].moment < heap[parent].moment else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest alarm, if its moment has come.
    mutating func take(due now: Instant) -> PeerAlarm? {
        guard earliest <= now, !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let alarm = heap.removeLast()
        sink()
        return alarm
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].moment < heap[least].moment { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
