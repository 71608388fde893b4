package import ByteText
internal import CLinux
internal import CMnl

/// A netlink message being written, in memory of a fixed size that is zeroed in the end: it may hold keys.
///
/// The `put` functions return false, and change nothing, where the message is full.
package struct NetlinkMessage: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    private let header: UnsafeMutablePointer<nlmsghdr>

    /// An attribute that contains attributes, between `open` and `close`.
    package struct Nest {
        fileprivate let attribute: UnsafeMutablePointer<nlattr>
    }

    package init(type: UInt16, flags: UInt16, capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: Int(MNL_ALIGNTO))
        // libmnl leaves the padding behind short attributes as it is; nothing of ours shall leak there.
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        header = mnl_nlmsg_put_header(memory.baseAddress!)
        header.pointee.nlmsg_type = type
        header.pointee.nlmsg_flags = flags
    }

    deinit {
        SecureMemory.zero(memory.baseAddress!, count: memory.count)
        memory.deallocate()
    }

    var sequence: UInt32 {
        get { header.pointee.nlmsg_seq }
        set { header.pointee.nlmsg_seq = newValue }
    }

    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory.baseAddress!, count: Int(header.pointee.nlmsg_len))
    }

    /// The fixed part that follows netlink's own header, such as a `genlmsghdr`.
    package mutating func putFamilyHeader<Header: BitwiseCopyable>(_ value: Header) {
        let place = mnl_nlmsg_put_extra_header(header, MemoryLayout<Header>.size)!
        place.storeBytes(of: value, as: Header.self)
    }

    package mutating func put(_ type: UInt32, _ value: UInt8) -> Bool {
        mnl_attr_put_u8_check(header, memory.count, UInt16(type), value)
    }

    package mutating func put(_ type: UInt32, _ value: UInt16) -> Bool {
        mnl_attr_put_u16_check(header, memory.count, UInt16(type), value)
    }

    package mutating func put(_ type: UInt32, _ value: UInt32) -> Bool {
        mnl_attr_put_u32_check(header, memory.count, UInt16(type), value)
    }

    package mutating func put(_ type: UInt32, _ bytes: Span<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer {
            mnl_attr_put_check(header, memory.count, UInt16(type), $0.count, $0.baseAddress)
        }
    }

    /// Text with the NUL that the kernel wants.
    package mutating func put(_ type: UInt32, text: ByteString) -> Bool {
        text.withCString { mnl_attr_put_strz_check(header, memory.count, UInt16(type), $0) }
    }

    package mutating func open(_ type: UInt32) -> Nest? {
        mnl_attr_nest_start_check(header, memory.count, UInt16(type)).map(Nest.init)
    }

    package mutating func close(_ nest: Nest) { mnl_attr_nest_end(header, nest.attribute) }

    /// Takes the nest and all that was put into it out again.
    package mutating func cancel(_ nest: Nest) { mnl_attr_nest_cancel(header, nest.attribute) }
}
