import Glibc
import TestSupport
import WireGuardKeys

/// All writable memory of a process, without pages that hold only zeros: heap, stacks, variables.
///
/// Root can read it even if the process is not dumpable.
struct MemoryImage {
    /// Contiguous pages.
    private struct Run {
        let mapping: Substring
        let start: UInt64
        var bytes: [UInt8]
    }

    private static let pageSize = 4096
    private var runs: [Run] = []

    init(of process: pid_t) throws {
        let memory = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
        try check(Int(memory), "open /proc/\(process)/mem")
        defer { close(memory) }
        for line in contents(of: "/proc/\(process)/maps").split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields[1].hasPrefix("rw") else { continue }
            let range = fields[0].split(separator: "-").map { UInt64($0, radix: 16)! }
            try read(fields.count > 5 ? fields[5] : "memory", range[0]..<range[1], from: memory)
        }
        guard byteCount > 0 else { throw RunError(description: "the process has no memory") }
    }

    private mutating func read(_ mapping: Substring, _ range: Range<UInt64>, from memory: CInt) throws {
        var bytes = [UInt8](repeating: 0, count: Int(range.count))
        let count = pread(memory, &bytes, bytes.count, off_t(range.lowerBound))
        try check(count, "read \(mapping)")
        guard count == bytes.count else { throw RunError(description: "read \(count) bytes of \(mapping)") }
        var continues = false
        for offset in stride(from: 0, to: bytes.count, by: Self.pageSize) {
            let page = bytes[offset..<offset + Self.pageSize]
            if Self.isZero(page) {
                continues = false
            } else if continues {
                runs[runs.count - 1].bytes += page
            } else {
                runs.append(Run(mapping: mapping, start: range.lowerBound + UInt64(offset), bytes: Array(page)))
                continues = true
            }
        }
    }

    private static func isZero(_ page: ArraySlice<UInt8>) -> Bool {
        page.withUnsafeBytes { page in
            page[0] == 0 && memcmp(page.baseAddress!, page.baseAddress! + 1, page.count - 1) == 0
        }
    }

    var byteCount: Int { runs.reduce(0) { $0 + $1.bytes.count } }

    /// The places of the bytes: the mapping and the address.
    func places(of pattern: [UInt8]) -> [String] {
        runs.flatMap { run in
            run.bytes.withUnsafeBytes { bytes in
                var places: [String] = []
                var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
                while rest.count >= pattern.count,
                    let hit = memchr(rest.baseAddress!, CInt(pattern[0]), rest.count - pattern.count + 1)
                {
                    let offset = UnsafeRawPointer(hit) - bytes.baseAddress!
                    rest = UnsafeRawBufferPointer(rebasing: bytes[(offset + 1)...])
                    guard memcmp(hit, pattern, pattern.count) == 0 else { continue }
                    places.append("\(run.mapping) 0x\(String(run.start + UInt64(offset), radix: 16))")
                }
                return places
            }
        }
    }

    /// The places of private keys whose public keys are given. Tests every eighth address, as no key is less aligned,
    /// and only 32 bytes that look random.
    func privateKeys(of publicKeys: Set<PublicKey>) -> [String] {
        runs.flatMap { run in
            stride(from: 0, through: run.bytes.count - 32, by: 8).compactMap { offset in
                let candidate = run.bytes[offset..<offset + 32]
                guard Self.looksRandom(candidate), let key = PrivateKey(raw: Array(candidate).span),
                    publicKeys.contains(key.publicKey)
                else { return nil }
                return "\(run.mapping) 0x\(String(run.start + UInt64(offset), radix: 16))"
            }
        }
    }

    /// 32 random bytes have 30 different values on average, and fewer than 22 once in ten billion times.
    private static func looksRandom(_ bytes: ArraySlice<UInt8>) -> Bool {
        // Most of memory is text and addresses, whose words end with zeros or small values.
        guard bytes[bytes.startIndex + 7] != 0 || bytes[bytes.startIndex + 15] != 0 else { return false }
        var seen: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for byte in bytes {
            let bit = UInt64(1) << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: seen.0 |= bit
            case 1: seen.1 |= bit
            case 2: seen.2 |= bit
            default: seen.3 |= bit
            }
        }
        return seen.0.nonzeroBitCount + seen.1.nonzeroBitCount + seen.2.nonzeroBitCount + seen.3.nonzeroBitCount >= 22
    }
}
