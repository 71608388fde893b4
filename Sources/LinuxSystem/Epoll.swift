internal import CLinux
internal import Glibc

/// Waits for many descriptors at once. Each is known by a token of its owner's.
package struct Epoll: ~Copyable, Sendable {
    /// What to wait for, and what came.
    package struct Events: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let readable = Events(rawValue: 0x001)
        package static let writable = Events(rawValue: 0x004)
        /// Comes unasked, as does `hangUp`. Of a TUN queue: its interface was deleted.
        package static let error = Events(rawValue: 0x008)
        package static let hangUp = Events(rawValue: 0x010)
        /// Comes once, until the descriptor is modified.
        package static let oneShot = Events(rawValue: 1 << 30)
    }

    package struct Event: Equatable, Sendable {
        package let token: UInt64
        package let events: Events

        package init(token: UInt64, events: Events) { (self.token, self.events) = (token, events) }
    }

    private let descriptor: FileDescriptor

    package init() throws(Errno) {
        descriptor = FileDescriptor(owning: try syscall { clinux_epoll() })
    }

    package borrowing func add(_ raw: CInt, token: UInt64, for events: Events = .readable) throws(Errno) {
        let epoll = descriptor.raw
        try syscall { clinux_epoll_add(epoll, raw, events.rawValue, token) }
    }

    package borrowing func modify(_ raw: CInt, token: UInt64, for events: Events) throws(Errno) {
        let epoll = descriptor.raw
        try syscall { clinux_epoll_modify(epoll, raw, events.rawValue, token) }
    }

    /// Only needed while the descriptor stays open: closing its last copy removes it too.
    package borrowing func remove(_ raw: CInt) throws(Errno) {
        let epoll = descriptor.raw
        try syscall { clinux_epoll_remove(epoll, raw) }
    }

    /// Waits until something happens, or for `milliseconds`; nil waits forever. Replaces what `list` held;
    /// it is empty when the time ran out.
    package borrowing func wait(into list: inout EpollEventList, milliseconds: CInt? = nil) throws(Errno) {
        let raw = descriptor.raw
        let (memory, capacity) = (list.memory, list.capacity)
        let count = try syscall { clinux_epoll_wait(raw, memory, CInt(capacity), milliseconds ?? -1) }
        list.count = Int(count)
    }
}

/// Room for what one wait of an `Epoll` brings; kept and filled again.
package struct EpollEventList: ~Copyable {
    fileprivate let memory: UnsafeMutableRawPointer
    fileprivate let capacity: Int
    package fileprivate(set) var count = 0

    package init(capacity: Int = 64) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity * clinux_epoll_event_size, alignment: 8)
    }

    deinit { memory.deallocate() }

    package subscript(index: Int) -> Epoll.Event {
        precondition(index >= 0 && index < count)
        return Epoll.Event(
            token: clinux_epoll_token(memory, index),
            events: Epoll.Events(rawValue: clinux_epoll_events(memory, index)))
    }
}
