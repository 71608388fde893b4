import Glibc
import TestSupport
import Testing

/// Of the release build: without the optimizer much is on the heap that else is not.
@Suite(
    "Heap", .enabled(if: Laboratory.isOpen, Laboratory.barrier), .enabled(if: HeapCounts.areOfUse, HeapCounts.obstacle))
struct HeapTests {
    private static let settings = [[], ["WG_OFFLOADS=off"], ["WG_CIPHER=libcrypto"]]

    @Test("nothing of it is taken while packets pass", arguments: settings)
    func steadyState(_ settings: [String]) throws {
        let counts = try HeapCounts()
        // A verbose log does allocate memory for its lines.
        let quiet = settings + ["LOG_LEVEL=error"]
        // The counting library in the daemon makes system calls that the sandbox refuses.
        let (left, right) = try Laboratory.pair([quiet + counts.environment + ["WG_SANDBOX=off"], quiet])
        try left.set(right.asPeer)
        try right.set(left.asPeer)
        // Past the handshake, and what is taken once.
        try Stream.expect(from: left, to: right, at: right.addresses[0], count: 4 << 20)

        let before = counts.now
        #expect(before.allocations > 0)
        try Stream.expect(from: left, to: right, at: right.addresses[1], count: 16 << 20)
        try exchangeDatagrams(1000, left, right)
        let after = counts.now
        #expect(after.sends - before.sends > 200)
        #expect(after.receives - before.receives > 200)
        #expect(after.allocations - before.allocations == 0)
    }

    /// Small ones, which nobody joins, there and back.
    private func exchangeDatagrams(_ count: Int, _ left: Node, _ right: Node) throws {
        let names = [left, right].map { SocketName($0.addresses[0], port: 5003) }
        let near = try InnerSocket.datagrams(on: left, at: names[0], to: names[1])
        let far = try InnerSocket.datagrams(on: right, at: names[1], to: names[0])
        for number in 0..<count {
            let datagram = Payload.bytes[number..<(number + number % 200)]
            try near.send(datagram)
            #expect(try far.receive() == Array(datagram))
            try far.send(datagram)
            #expect(try near.receive() == Array(datagram))
        }
    }
}

/// What a daemon's workers have done so far, by a library that is loaded into it.
final class HeapCounts {
    struct Values {
        let allocations, sends, receives: Int
    }

    /// What the daemon is to be started with.
    let environment: [String]
    private let folder: String
    private let words: UnsafeMutableRawPointer
    private static let size = 4096

    /// Nothing is counted in a debug build that would hold for what is shipped.
    static let areOfUse = Places.exists(Places.daemon) && !Places.daemon.contains("/debug/")
    static let obstacle: Comment = "needs a release build of our daemon"

    init() throws {
        folder = try makeTemporaryFolder("heap")
        let library = folder + "/heap-counter.so"
        let source = Places.root + "/Tests/LiveTests/HeapCounter/heap-counter.c"
        let compiled = try run("cc", ["-O2", "-Wall", "-shared", "-fPIC", "-o", library, source])
        guard compiled.status == 0 else { throw LaboratoryError(compiled.err) }
        let file = open(folder + "/counts", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        try check(ftruncate(file, off_t(Self.size)), "ftruncate")
        words = mmap(nil, Self.size, PROT_READ, MAP_SHARED, file, 0)
        environment = ["LD_PRELOAD=" + library, "HEAP_COUNTS=\(folder)/counts"]
    }

    deinit {
        munmap(words, Self.size)
        _ = try? run("rm", ["-rf", folder])
    }

    var now: Values {
        let counts = (0..<3).map { words.load(fromByteOffset: $0 * 8, as: Int.self) }
        return Values(allocations: counts[0], sends: counts[1], receives: counts[2])
    }
}
