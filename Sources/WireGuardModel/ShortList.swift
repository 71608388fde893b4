/// A list that keeps its first two elements in place.
///
/// Nearly every peer has one or two allowed-ips. An array for each would cost a device of many peers
/// more memory and time than all the rest of them. Inlinable, so that other modules specialise it.
@usableFromInline
package struct ShortList<Element: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var rest: [Element] = []
    @usableFromInline var first: Element?
    @usableFromInline var second: Element?

    @inlinable
    package init() {}

    @inlinable
    package init(_ elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    @inlinable
    package mutating func append(_ element: Element) {
        if first == nil {
            first = element
        } else if second == nil {
            second = element
        } else {
            rest.append(element)
        }
    }

    @inlinable
    package mutating func append(contentsOf elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }
}

extension ShortList: RandomAccessCollection {
    @inlinable
    package var startIndex: Int { 0 }

    @inlinable
    package var endIndex: Int { second == nil ? (first == nil ? 0 : 1) : 2 + rest.count }

    @inlinable
    package subscript(index: Int) -> Element {
        switch index {
        case 0: first!
        case 1: second!
        default: rest[index - 2]
        }
    }
}

extension ShortList: Equatable where Element: Equatable {
    @inlinable
    package static func == (left: ShortList, right: ShortList) -> Bool { left.elementsEqual(right) }
}

extension ShortList: ExpressibleByArrayLiteral {
    @inlinable
    package init(arrayLiteral elements: Element...) { self.init(elements) }
}
