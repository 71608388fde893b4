package import ByteText
package import WireGuardModel

/// A textual form of a device, written record by record so that a large device is never one large text.
package protocol DeviceFormat {
    /// The order in which the peers are shown, as indices, of 32 bits since there may be many; nil for the
    /// device's own.
    func order(of peers: [Peer]) -> [Int32]?

    func append(interface device: Device, to text: inout ByteBuffer)

    func append(_ peer: Peer, of device: Device, to text: inout ByteBuffer)

    /// What stands between two peers.
    func appendSeparator(to text: inout ByteBuffer)
}

extension DeviceFormat {
    package func order(of peers: [Peer]) -> [Int32]? { nil }

    package func appendSeparator(to text: inout ByteBuffer) {}
}

extension ByteBuffer {
    /// The items with `separator` between them, or "(none)".
    mutating func append<Item>(
        _ items: ShortList<Item>, separator: StaticString, _ appendItem: (Item, inout ByteBuffer) -> Void
    ) {
        if items.isEmpty { append("(none)") }
        for (index, item) in items.enumerated() {
            if index > 0 { append(separator) }
            appendItem(item, &self)
        }
    }

    /// What `appendValue` writes of a value, or "(none)".
    mutating func append<Value>(_ value: Value?, _ appendValue: (Value, inout ByteBuffer) -> Void) {
        if let value { appendValue(value, &self) } else { append("(none)") }
    }

    mutating func append(fwmark: UInt32) {
        append("0x")
        append(hexadecimal: fwmark)
    }

    mutating func append(fwmarkOrOff mark: UInt32) {
        if mark == 0 { append("off") } else { append(fwmark: mark) }
    }

    mutating func append(keepaliveOrOff seconds: UInt16) {
        if seconds == 0 { append("off") } else { append(decimal: seconds) }
    }
}
