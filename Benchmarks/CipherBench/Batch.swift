import WireGuardKeys
import WireGuardProtocol

/// Packets of one size in memory as the daemon has them: a data header in front of each, the tag behind.
struct Batch: ~Copyable {
    let count: Int
    private let memory: UnsafeMutablePointer<UInt8>
    private let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
    private let size: Int
    private let key = KeyBytes { UInt8($0) }

    private static let header = 16
    private static let tag = 16

    init(count: Int, size: Int) {
        (self.count, self.size) = (count, size)
        let room = Self.header + size + Self.tag
        memory = .allocate(capacity: count * room)
        memory.initialize(repeating: 7, count: count * room)
        jobs = .allocate(capacity: count)
        for index in 0..<count {
            let content = memory + index * room + Self.header
            jobs[index] = UnsafeCipherJob(source: content, destination: content, count: size, counter: UInt64(index))
        }
    }

    deinit {
        memory.deallocate()
        jobs.deallocate()
    }

    func seal(_ cipher: inout PacketCipher) { cipher.seal(jobs, key: key.span) }

    /// What was sealed; afterwards it can be sealed again.
    func open(_ cipher: inout PacketCipher) {
        cipher.open(jobs, key: key.span)
        precondition(jobs[0].isAuthentic)
    }
}
