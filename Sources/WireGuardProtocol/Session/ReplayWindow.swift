/// Which of a session's counters have been seen, as RFC 6479 keeps it: a ring of words, of which one is always
/// being filled, so that 8128 of its 8192 bits reach back from the greatest counter.
package struct ReplayWindow {
    package static let size: UInt64 = UInt64(wordCount - 1) * 64

    private static let wordCount = 128
    private var words = InlineArray<128, UInt64>(repeating: 0)
    private var greatest: UInt64 = 0

    package init() {}

    /// Whether a counter is seen for the first time. Only for those of authenticated packets: they move the window.
    package mutating func accept(_ counter: UInt64) -> Bool {
        guard counter < Limits.rejectAfterMessages else { return false }
        if counter > greatest {
            moveForward(to: counter)
        } else if greatest - counter >= Self.size {
            return false
        }
        let bit: UInt64 = 1 << (counter % 64)
        let word = Int(truncatingIfNeeded: counter / 64 % UInt64(Self.wordCount))
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        return true
    }

    /// Words between the old and the new greatest counter held bits of counters long past.
    private mutating func moveForward(to counter: UInt64) {
        let first = greatest / 64 + 1
        let last = counter / 64
        greatest = counter
        guard first <= last else { return }
        for word in max(first, last >= 127 ? last - 127 : 0)...last {
            words[Int(truncatingIfNeeded: word % UInt64(Self.wordCount))] = 0
        }
    }
}
