internal import CSodium

/// Runs work on secrets, then zeroes the part of the stack that it used.
///
/// Ciphers, hashes and key exchanges keep parts of keys in local variables, and compilers keep more of them when
/// registers run out. Functions that return leave all of it below the stack pointer, where it stays for as long as
/// nothing deeper is called: on threads that wait for packets, for hours.
///
/// The work must not return secret bytes themselves, but references to them.
package enum StackZeroing {
    /// Runs handshakes, and conversions of keys to and from text.
    @inline(never)
    package static func run<Result: ~Copyable>(_ work: () -> Result) -> Result {
        defer { csodium_zero_deep_stack() }
        return below(work)
    }

    /// Runs batches of packets, which come often and need little stack.
    @inline(never)
    package static func runShallow(_ work: () -> Void) {
        below(work)
        csodium_zero_shallow_stack()
    }

    /// Keeps half a KiB between the frames of the work and that of the function that zeroes them: its return address and
    /// saved registers overlap the top of what it zeroes. The use behind the work keeps the call from being a jump.
    @inline(never)
    private static func below<Result: ~Copyable>(_ work: () -> Result) -> Result {
        var distance = InlineArray<64, UInt64>(repeating: 0)
        withUnsafeMutablePointer(to: &distance) { csodium_keep($0) }
        defer { withUnsafeMutablePointer(to: &distance) { csodium_keep($0) } }
        return work()
    }
}
