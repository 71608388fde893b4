import TestSupport
import WireGuardModel
import WireGuardProtocol

/// Tunnels joined by a network that exists in memory only, on a clock that goes when it is told to.
///
/// Everything that happens is an event at a moment; the same dice give the same history.
final class FakeWorld {
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    /// What the wall clock adds to the time gone by; may jump.
    var wallSeconds: Int64 = 1_700_000_000
    var dice: SeededRandom
    var weather = Weather()
    /// Every datagram sent, in order, for those who look at the wire or replay it.
    private(set) var wire: [Datagram] = []
    private var hosts: [Endpoint: Host] = [:]
    private var events: [Event] = []
    private var eventCount = 0

    struct Datagram {
        let bytes: [UInt8]
        let source: Endpoint
        let target: Endpoint
        let sentAt: Instant

        /// 1 to 4 as the messages have it.
        var type: UInt8 { bytes[0] }
        var isKeepalive: Bool { type == 4 && bytes.count == 32 }
    }

    /// What may happen to a datagram on its way.
    struct Weather {
        /// Of 1,000.
        var lost: UInt64 = 0
        var doubled: UInt64 = 0
        /// Each takes up to so long more than the millisecond that all take.
        var jitter = Instant.Interval.milliseconds(0)
        /// Datagrams for which this is true never arrive.
        var swallows: (Datagram) -> Bool = { _ in false }
    }

    fileprivate struct Event {
        let moment: Instant
        let number: Int
        let action: () -> Void
    }

    init(seed: UInt64) { dice = SeededRandom(seed) }

    var moment: Moment {
        let wall = wallSeconds + Int64(now.nanoseconds / 1_000_000_000)
        return Moment(now, wall: HandshakeTime(seconds: wall, nanoseconds: Int64(now.nanoseconds % 1_000_000_000)))
    }

    /// Randomness for a tunnel, from dice of its own.
    func entropy() -> Entropy {
        let dice = SharedDice(seed: dice.next())
        return Entropy { dice.fill($0) }
    }

    // MARK: Time

    func at(_ moment: Instant, _ action: @escaping () -> Void) {
        eventCount += 1
        events.append(Event(moment: max(moment, now), number: eventCount, action: action))
        var child = events.count - 1
        while child > 0, events[child].isBefore(events[(child - 1) / 2]) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Lets time go by, and everything happen that falls into it.
    func pass(_ interval: Instant.Interval) {
        let end = now + interval
        while let event = takeEvent(until: end) {
            now = event.moment
            event.action()
        }
        now = end
    }

    func pass(seconds: UInt64) { pass(.seconds(seconds)) }

    private func takeEvent(until end: Instant) -> Event? {
        guard let first = events.first, first.moment <= end else { return nil }
        events.swapAt(0, events.count - 1)
        events.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < events.count {
                if events[child].isBefore(events[least]) { least = child }
            }
            guard least != parent else { return first }
            events.swapAt(parent, least)
            parent = least
        }
    }

    // MARK: Network

    func attach(_ host: Host, at endpoint: Endpoint) { hosts[endpoint] = host }

    func detach(_ endpoint: Endpoint) { hosts[endpoint] = nil }

    func transmit(_ bytes: [UInt8], from source: Endpoint, to target: Endpoint) {
        let datagram = Datagram(bytes: bytes, source: source, target: target, sentAt: now)
        wire.append(datagram)
        if weather.swallows(datagram) { return }
        if dice.next() % 1000 < weather.lost { return }
        deliver(datagram)
        if dice.next() % 1000 < weather.doubled { deliver(datagram) }
    }

    /// Lets a datagram arrive, from whom it says, as anybody on the way could.
    func deliver(_ datagram: Datagram) {
        let extra = weather.jitter.nanoseconds == 0 ? 0 : dice.next() % weather.jitter.nanoseconds
        at(now + .milliseconds(1) + Instant.Interval(nanoseconds: extra)) { [self] in
            hosts[datagram.target]?.receive(datagram.bytes, from: datagram.source)
        }
    }

    func forgetWire() { wire = [] }
}

extension FakeWorld.Event {
    fileprivate func isBefore(_ other: Self) -> Bool { (moment, number) < (other.moment, other.number) }
}

/// Dice that a tunnel may throw from wherever it is called.
private final class SharedDice: @unchecked Sendable {
    private var dice: SeededRandom

    init(seed: UInt64) { dice = SeededRandom(seed) }

    func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: dice.next() >> 32) }
    }
}
