internal import CSodium
internal import WireGuardKeys

/// Where the core takes its randomness from: the kernel's generator, or a test's dice.
package struct Entropy: Sendable {
    private let fill: @Sendable (UnsafeMutableRawBufferPointer) -> Void

    package init(_ fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void) { self.fill = fill }

    package static let system = Entropy { randombytes_buf($0.baseAddress!, $0.count) }

    func number() -> UInt32 {
        var number: UInt32 = 0
        withUnsafeMutableBytes(of: &number) { fill($0) }
        return number
    }

    /// A random interval in 0..<`limit`. The limit is at most 4 s.
    func interval(below limit: Instant.Interval) -> Instant.Interval {
        Instant.Interval(nanoseconds: (limit.nanoseconds * UInt64(number())) >> 32)
    }

    /// 32 bytes that nobody else knows.
    func secret() -> SecretBytes {
        SecretBytes { bytes in
            withUnsafeMutableBytes(of: &bytes) { fill($0) }
            return true
        }!
    }

    func bytes<let count: Int>(_: InlineArray<count, UInt8>.Type) -> InlineArray<count, UInt8> {
        var bytes = InlineArray<count, UInt8>(repeating: 0)
        withUnsafeMutableBytes(of: &bytes) { fill($0) }
        return bytes
    }
}
