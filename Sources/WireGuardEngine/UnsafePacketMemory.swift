/// Pages for packets, owned by one worker. The system gives them when they are first written to.
struct UnsafePacketMemory: ~Copyable {
    let start: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        self.count = count
        start = .allocate(byteCount: count, alignment: 4096)
    }

    deinit { start.deallocate() }
}
