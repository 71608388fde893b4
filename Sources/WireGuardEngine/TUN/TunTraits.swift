internal import CLinux
internal import CMnl

/// Attributes of a TUN or TAP interface, beside those of every link.
struct TunTraits: Equatable {
    private(set) var isTap = false
    /// Whether the interface stays when its last queue is detached.
    private(set) var isPersistent = false
    /// Whether it was made with IFF_MULTI_QUEUE: each attached queue then needs the flag, too.
    private(set) var hasManyQueues = false
    /// Attached queues, enabled or not.
    private(set) var queueCount: UInt32 = 0

    /// Reads IFLA_LINKINFO; nil for other kinds of links. Kernels before 4.17 report the kind alone.
    init?(linkInfo: UnsafeRawBufferPointer) {
        var isTun = false
        var data = UnsafeRawBufferPointer(start: nil, count: 0)
        guard let start = linkInfo.baseAddress else { return nil }
        UnsafeLinkAttributes.forEach(start, count: linkInfo.count) { type, content in
            switch type {
            case IFLA_INFO_KIND: isTun = content.prefix { $0 != 0 }.elementsEqual("tun".utf8)
            case IFLA_INFO_DATA: data = content
            default: break
            }
        }
        guard isTun else { return nil }
        guard let start = data.baseAddress else { return }
        UnsafeLinkAttributes.forEach(start, count: data.count) { read($0, $1) }
    }

    private mutating func read(_ type: Int, _ content: UnsafeRawBufferPointer) {
        switch type {
        case IFLA_TUN_TYPE where content.count == 1: isTap = content[0] == UInt8(IFF_TAP)
        case IFLA_TUN_PERSIST where content.count == 1: isPersistent = content[0] != 0
        case IFLA_TUN_MULTI_QUEUE where content.count == 1: hasManyQueues = content[0] != 0
        case IFLA_TUN_NUM_QUEUES, IFLA_TUN_NUM_DISABLED_QUEUES:
            if content.count == 4 { queueCount += content.loadUnaligned(as: UInt32.self) }
        default: break
        }
    }
}
