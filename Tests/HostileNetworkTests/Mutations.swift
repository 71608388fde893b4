import TestSupport

/// What a message may become on its way through hostile hands.
enum Mutations {
    static func truncated(_ message: [UInt8]) -> [[UInt8]] { (0..<message.count).map { Array(message[..<$0]) } }

    /// Up to the largest datagram that there is.
    static func extended(_ message: [UInt8]) -> [[UInt8]] {
        [1, 2, 15, 16, 17, 100, 1500, 9000, 65507 - message.count].map { message + [UInt8](repeating: 0xa5, count: $0) }
    }

    /// One bit of it is another, in the bytes that are meant.
    static func flipped(_ message: [UInt8], in bytes: Range<Int>) -> [[UInt8]] {
        bytes.flatMap { index in (0..<8).map { flipped(message, index, bit: $0) } }
    }

    /// One bit of each byte is another.
    static func flippedOnce(_ message: [UInt8], in bytes: Range<Int>) -> [[UInt8]] {
        bytes.map { flipped(message, $0, bit: $0 % 8) }
    }

    private static func flipped(_ message: [UInt8], _ index: Int, bit: Int) -> [UInt8] {
        var message = message
        message[index] ^= 1 << bit
        return message
    }

    /// Noise, half of it with a beginning and a length as messages have them.
    static func random(_ count: Int, like messages: [[UInt8]], _ dice: inout SeededRandom) -> [[UInt8]] {
        (0..<count).map { _ in
            if dice.once(in: 2) { return dice.bytes(dice.below(300)) }
            let model = dice.pick(messages)
            // Type and indices are true, so that it goes as deep as it can.
            return Array(model.prefix(12)) + dice.bytes(model.count - 12)
        }
    }
}
