import Glibc
import Synchronization
import TestSupport
import Testing
import WireGuardKeys

/// Work leaves a pattern on the stack of a thread. The test provides that stack and searches it afterwards.
@Suite("Zeroing the stack")
struct StackZeroingTests {
    private static let size = 1 << 20

    enum Way: CaseIterable, Sendable {
        case bare, whole, shallow
    }

    @Test("what work left there is gone after it, and is there without it", arguments: Way.allCases)
    func work(_ way: Way) throws {
        let left = try Self.patternsLeft {
            switch way {
            case .bare: leavePattern()
            case .whole: StackZeroing.run { leavePattern() }
            case .shallow: StackZeroing.runShallow { leavePattern() }
            }
        }
        #expect(way == .bare ? left > 100 : left == 0, "\(left) words")
    }

    @Test("the work's result comes back")
    func result() {
        #expect(StackZeroing.run { 7 } == 7)
    }

    /// The number of words of the pattern on the stack of a thread that has run `body`.
    private static func patternsLeft(_ body: @escaping @Sendable () -> Void) throws -> Int {
        let stack = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
        defer { munmap(stack, size) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstack(&attributes, stack, size)
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, &attributes,
            {
                Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard failure == 0 else { throw RunError(description: "pthread_create: \(failure)") }
        pthread_join(thread, nil)
        let words = UnsafeRawBufferPointer(start: stack, count: size).bindMemory(to: UInt64.self)
        return words.count { $0 == pattern }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

private let pattern: UInt64 = 0x5ec2_e7b1_7e5d_0c0d

/// Fills 1 KiB of the stack, as a hash function might.
@inline(never)
private func leavePattern() {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 128) { words in
        words.initialize(repeating: pattern)
        withExtendedLifetime(words) {}
    }
}
