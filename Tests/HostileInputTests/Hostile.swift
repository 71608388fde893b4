import TestSupport
import Testing

/// A named input; the name is what a failure shows, not ten million bytes. They are made when they are needed.
struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let before: [UInt8]
    /// Repeated up to the size of all of them.
    private let unit: [UInt8]
    private let after: [UInt8]

    private static let size = 10_000_000

    init(_ name: String, _ bytes: [UInt8]) {
        testDescription = name
        (before, unit, after) = (bytes, [], [])
    }

    init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }

    /// 10 MB of the same over and over, between two other texts.
    init(_ name: String, _ before: String = "", endlessly unit: String, _ after: String = "") {
        testDescription = name
        (self.before, self.unit, self.after) = (Array(before.utf8), Array(unit.utf8), Array(after.utf8))
    }

    var bytes: [UInt8] {
        var middle = unit
        while !middle.isEmpty, middle.count < Self.size { middle += middle }
        return before + middle + after
    }
}

/// Keys for the inputs; nobody's.
enum Key {
    static let base64 = "4GgiJFEFFDCFzKmQ7JwWDlpwkrB2rS1zTr2AVvVbqnQ="
    static let otherBase64 = "qJFyUwGjLVQ0S31PzmVK/rmQtjOqsGSxbDEXjEDTgHI="
    static let hex = String(repeating: "5a", count: 32)
}
