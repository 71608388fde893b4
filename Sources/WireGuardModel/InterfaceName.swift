package import ByteText

/// The name of a network interface. Any bytes: what the kernel thinks of it shows when it is used.
package struct InterfaceName: Hashable, Sendable, Comparable {
    package let text: ByteString

    /// IFNAMSIZ - 1: the kernel keeps 16 bytes, the last one a NUL.
    package static let longest = 15

    package init(_ text: ByteString) { self.text = text }

    package static func < (left: InterfaceName, right: InterfaceName) -> Bool { left.text < right.text }
}

extension InterfaceName: CustomStringConvertible {
    package var description: String { text.description }
}
