/// Growable bytes that are zeroed whenever their memory is given back, so that keys passing
/// through on their way to a descriptor leave nothing behind.
@usableFromInline
package struct ByteBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline package internal(set) var count = 0
    @usableFromInline var capacity: Int

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit {
        SecureMemory.zero(base, count: capacity)
        base.deallocate()
    }

    @inlinable
    package var isEmpty: Bool { count == 0 }

    @inlinable
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            let span = Span(_unsafeStart: base, count: count)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// Forgets the content and keeps the memory.
    @inlinable
    package mutating func removeAll() { count = 0 }

    /// Drops the first `dropped` bytes and moves the rest to the front.
    package mutating func removeFirst(_ dropped: Int) {
        precondition(dropped <= count)
        base.update(from: base + dropped, count: count - dropped)
        count -= dropped
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        base[count] = byte
        count += 1
    }

    @inlinable
    package mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(string text: String) {
        for byte in text.utf8 { append(byte) }
    }

    @inlinable
    package mutating func append(_ span: Span<UInt8>) {
        span.withUnsafeBufferPointer { append($0) }
    }

    @inlinable
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > 0, let start = bytes.baseAddress else { return }
        if capacity - count < bytes.count { grow(by: bytes.count) }
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    /// Lets `body` write into at least `room` free bytes behind the content; it returns how many it wrote.
    package mutating func append<E: Error>(
        room: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Int
    ) throws(E) {
        if capacity - count < room { grow(by: room) }
        let written = try body(UnsafeMutableBufferPointer(start: base + count, count: capacity - count))
        precondition(written >= 0 && written <= capacity - count)
        count += written
    }

    @usableFromInline
    mutating func grow(by room: Int) {
        let larger = max(capacity * 2, count + room)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        SecureMemory.zero(base, count: capacity)
        base.deallocate()
        base = moved
        capacity = larger
    }
}
