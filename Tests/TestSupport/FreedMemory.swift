import Glibc

/// What the allocator hands out again just after it was given back, on the same thread: with Glibc's it is
/// the same memory, and only its first 16 bytes serve the allocator in between.
package enum FreedMemory {
    /// Whether bytes of `pattern` are found at `offset` and behind it in memory of `size` bytes, right after `use`.
    package static func shows(_ pattern: [UInt8], size: Int, from offset: Int = 16, after use: () -> Void) -> Bool {
        use()
        let memory = malloc(size)!
        defer { free(memory) }
        let seen = UnsafeRawBufferPointer(start: memory + offset, count: size - offset)
        return (0...(seen.count - pattern.count)).contains { seen[$0..<($0 + pattern.count)].elementsEqual(pattern) }
    }

    /// Whether looking can tell anything: other allocators, and sanitizers, hand out other memory.
    package static let canBeSeen: Bool = {
        let pattern: [UInt8] = [0xde, 0xad, 0xbe, 0xef]
        return [48, 1000].allSatisfy { size in
            shows(pattern, size: size) {
                let memory = UnsafeMutableRawBufferPointer(start: malloc(size)!, count: size)
                for index in memory.indices { memory[index] = pattern[index % 4] }
                free(memory.baseAddress)
            }
        }
    }()
}
