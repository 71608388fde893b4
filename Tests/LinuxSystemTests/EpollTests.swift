import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite struct EpollTests {
    private let epoll: Box

    private final class Box: Sendable {
        let epoll: Epoll
        init() throws { epoll = try Epoll() }
    }

    init() throws { epoll = try Box() }

    private func wait(milliseconds: CInt? = 0, capacity: Int = 64) throws -> [Epoll.Event] {
        var list = EpollEventList(capacity: capacity)
        try epoll.epoll.wait(into: &list, milliseconds: milliseconds)
        var events: [Epoll.Event] = []
        for index in 0..<list.count { events.append(list[index]) }
        return events
    }

    /// Tokens of all 64 bits come back, each with its own descriptor's events.
    @Test func eventsCarryTheirTokens() throws {
        let first = try EventFD()
        let second = try EventFD()
        let third = try EventFD()
        try epoll.epoll.add(first.raw, token: 0xfedc_ba98_7654_3210)
        try epoll.epoll.add(second.raw, token: .max, for: [.readable, .writable])
        try epoll.epoll.add(third.raw, token: 3)
        first.signal()
        #expect(
            try wait().sorted { $0.token < $1.token } == [
                Epoll.Event(token: 0xfedc_ba98_7654_3210, events: .readable),
                Epoll.Event(token: .max, events: .writable),
            ])
    }

    @Test func fullListLeavesTheRestForLater() throws {
        let first = try EventFD()
        let second = try EventFD()
        try epoll.epoll.add(first.raw, token: 1, for: .oneShotReadable)
        try epoll.epoll.add(second.raw, token: 2, for: .oneShotReadable)
        first.signal()
        second.signal()
        let tokens = try [wait(capacity: 1), wait(capacity: 1), wait(capacity: 1)].map { $0.map(\.token) }
        #expect(tokens == [[1], [2], []])
    }

    @Test func modifiedAndRemoved() throws {
        let event = try EventFD()
        try epoll.epoll.add(event.raw, token: 1)
        try epoll.epoll.modify(event.raw, token: 2, for: .writable)
        #expect(try wait() == [Epoll.Event(token: 2, events: .writable)])
        try epoll.epoll.remove(event.raw)
        #expect(try wait() == [])
        let closed = event.raw
        #expect(throws: Errno.notFound) { try epoll.epoll.remove(closed) }
    }

    @Test func signalFromAnotherThreadEndsTheWait() async throws {
        final class Shared: Sendable {
            let event: EventFD
            init() throws { event = try EventFD() }
        }
        let shared = try Shared()
        try epoll.epoll.add(shared.event.raw, token: 7)
        let thread = try Thread(name: "signals") { shared.event.signal() }
        #expect(try wait(milliseconds: nil).map(\.token) == [7])
        thread.join()
        shared.event.signal()
        #expect([shared.event.drain(), shared.event.drain()] == [true, false])
        #expect(try wait() == [])
    }

    @Test func timerComesAtItsMoment() throws {
        let timer = try TimerFD()
        try epoll.epoll.add(timer.raw, token: 1)
        let moment = Clock.bootNanoseconds() + 20_000_000
        timer.set(atNanoseconds: moment)
        #expect(try wait() == [])
        #expect(try wait(milliseconds: nil).map(\.token) == [1])
        #expect(Clock.bootNanoseconds() >= moment)
        #expect([timer.drain(), timer.drain()] == [true, false])
    }

    @Test(arguments: [0, 1, 1_000_000_000] as [UInt64])
    func momentGoneByComesAtOnce(_ moment: UInt64) throws {
        let timer = try TimerFD()
        try epoll.epoll.add(timer.raw, token: 1)
        timer.set(atNanoseconds: moment)
        #expect(try wait(milliseconds: nil).map(\.token) == [1])
    }

    @Test func disarmedTimerStaysSilent() throws {
        let timer = try TimerFD()
        try epoll.epoll.add(timer.raw, token: 1)
        for silence in [{ timer in timer.disarm() }, { timer in timer.set(atNanoseconds: .max) }]
            as [(borrowing TimerFD) -> Void]
        {
            timer.set(atNanoseconds: 1)
            silence(timer)
            #expect(try wait(milliseconds: 1) == [])
        }
        // The moment before the last of all is far away, not gone by.
        timer.set(atNanoseconds: .max - 1)
        #expect(try wait(milliseconds: 1) == [])
    }
}

extension Epoll.Events {
    fileprivate static let oneShotReadable: Epoll.Events = [.readable, .oneShot]
}
