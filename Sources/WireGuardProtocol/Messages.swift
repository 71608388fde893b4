/// The first byte of every message (the paper's section 5.4).
package enum MessageType: UInt8, Sendable, BitwiseCopyable {
    case initiation = 1
    case response = 2
    case cookieReply = 3
    case data = 4

    /// Nil for what is no message: another type, reserved bytes that are not zero, or a length that the type
    /// cannot have.
    @inlinable
    package init?(classifying datagram: UnsafeRawBufferPointer) {
        guard datagram.count >= MessageSize.data(content: 0) else { return nil }
        let word = UInt32(littleEndian: datagram.loadUnaligned(as: UInt32.self))
        // Above the type's byte are the three reserved ones.
        guard word <= 4, let type = MessageType(rawValue: UInt8(word)) else { return nil }
        guard type == .data || datagram.count == type.size else { return nil }
        self = type
    }

    @inlinable
    package init?(classifying datagram: Span<UInt8>) {
        guard let type = datagram.withUnsafeBytes({ MessageType(classifying: $0) }) else { return nil }
        self = type
    }

    /// Of data, the least there is.
    @inlinable
    package var size: Int {
        switch self {
        case .initiation: MessageSize.initiation
        case .response: MessageSize.response
        case .cookieReply: MessageSize.cookieReply
        case .data: MessageSize.data(content: 0)
        }
    }
}

/// Lengths in bytes.
package enum MessageSize {
    package static let initiation = 148
    package static let response = 92
    package static let cookieReply = 64
    /// What ChaCha20-Poly1305 adds to what it seals.
    package static let tag = 16

    /// Of a message with so much, padding included.
    @inlinable
    package static func data(content: Int) -> Int { DataHeader.size + content + tag }
}

package typealias InitiationBytes = InlineArray<148, UInt8>
package typealias ResponseBytes = InlineArray<92, UInt8>
package typealias CookieReplyBytes = InlineArray<64, UInt8>

/// Where the fields of an initiation are (section 5.4.2).
package enum Initiation {
    static let sender = 4
    static let ephemeral = 8..<40
    static let sealedStatic = 40..<88
    static let sealedTimestamp = 88..<116

    /// By which the answer is to name the handshake.
    package static func senderIndex(_ message: Span<UInt8>) -> UInt32 { message.littleEndian(at: sender) }
}

/// Where the fields of a response are (section 5.4.3).
package enum Response {
    static let sender = 4
    static let receiver = 8
    static let ephemeral = 12..<44
    static let sealedNothing = 44..<60

    /// By which packets under the new session are to name it.
    package static func senderIndex(_ message: Span<UInt8>) -> UInt32 { message.littleEndian(at: sender) }

    /// The sender index of the initiation that this answers.
    package static func receiverIndex(_ message: Span<UInt8>) -> UInt32 { message.littleEndian(at: receiver) }
}

/// Where the fields of a cookie reply are (section 5.4.7).
package enum CookieReply {
    static let receiver = 4
    static let nonce = 8..<32
    static let sealedCookie = 32..<64

    /// The sender index of the message that this answers.
    package static func receiverIndex(_ message: Span<UInt8>) -> UInt32 { message.littleEndian(at: receiver) }
}

/// The last 32 bytes of initiations and responses (section 5.4.4).
enum MessageMACs {
    static let size = 16

    static func mac1(in count: Int) -> Range<Int> { (count - 2 * size)..<(count - size) }

    static func mac2(in count: Int) -> Range<Int> { (count - size)..<count }
}

/// What stands before the sealed packet in a data message (section 5.4.6).
package struct DataHeader: Hashable, Sendable, BitwiseCopyable {
    package static let size = 16

    package var receiverIndex: UInt32
    package var counter: UInt64

    @inlinable
    package init(receiverIndex: UInt32, counter: UInt64) {
        (self.receiverIndex, self.counter) = (receiverIndex, counter)
    }

    /// From the first 16 bytes of what was classified as data.
    @inlinable
    package init(reading bytes: UnsafeRawPointer) {
        receiverIndex = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        counter = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// Writes 16 bytes, the type included.
    @inlinable
    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: UInt32(MessageType.data.rawValue).littleEndian, as: UInt32.self)
        bytes.storeBytes(of: receiverIndex.littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: counter.littleEndian, toByteOffset: 8, as: UInt64.self)
    }
}

extension Span<UInt8> {
    func littleEndian(at offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

/// Writing fields of messages.
extension InlineArray where Element == UInt8 {
    mutating func set(_ type: MessageType) { self[0] = type.rawValue }

    mutating func set(_ number: UInt32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(index * 8)) }
    }

    mutating func set<let size: Int>(_ bytes: InlineArray<size, UInt8>, at field: Range<Int>) {
        for index in 0..<size { self[field.lowerBound + index] = bytes[index] }
    }

    mutating func withField(_ field: Range<Int>, _ body: (inout MutableSpan<UInt8>) -> Void) {
        var whole = mutableSpan
        var part = whole._mutatingExtracting(field)
        body(&part)
    }
}
