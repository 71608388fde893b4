internal import LinuxSystem
internal import Synchronization
internal import WireGuardProtocol

/// Where workers and configuration leave word that a peer has to be served earlier than was known.
final class AlarmInbox: Sendable {
    private struct State {
        var alarms: [PeerAlarm] = []
        /// When the attendant wakes up by itself.
        var nextWakeUp = Instant(nanoseconds: 0)
    }

    private let state = Mutex(State())
    private let wakeUp: EventFD

    init() throws(Errno) {
        wakeUp = try EventFD()
        // So that a worker that leaves word takes nothing from the heap, but where very many peers are due at once.
        state.withLock { $0.alarms.reserveCapacity(64) }
    }

    /// For the attendant's epoll.
    var raw: CInt { wakeUp.raw }

    func raise(_ alarm: PeerAlarm) {
        let wakes = state.withLock { state in
            state.alarms.append(alarm)
            guard alarm.moment < state.nextWakeUp else { return false }
            // One wake-up is enough.
            state.nextWakeUp = alarm.moment
            return true
        }
        if wakes { wakeUp.signal() }
    }

    /// Wakes the attendant for something else than an alarm.
    func signal() { wakeUp.signal() }

    /// Moves what has come to the attendant's own queue.
    func collect(into queue: inout PeerTimerQueue) {
        wakeUp.drain()
        state.withLock { state in
            for alarm in state.alarms { queue.add(alarm) }
            state.alarms.removeAll(keepingCapacity: true)
            // Awake until `willSleep`.
            state.nextWakeUp = Instant(nanoseconds: 0)
        }
    }

    /// The attendant goes to sleep until then. False if alarms have come since they were collected.
    func willSleep(until moment: Instant) -> Bool {
        state.withLock { state in
            state.nextWakeUp = moment
            return state.alarms.isEmpty
        }
    }
}
