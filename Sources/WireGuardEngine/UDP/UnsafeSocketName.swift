internal import Glibc
internal import WireGuardModel

/// A `sockaddr_in` or `sockaddr_in6` in memory of a batch.
struct UnsafeSocketName: BitwiseCopyable {
    let start: UnsafeMutableRawPointer

    /// Room for either.
    static let room = 32

    /// Bytes of the name for one family.
    @inline(__always)
    static func count(for family: IPAddress.Family) -> Int {
        family == .v4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    }

    /// Nil for other families.
    @inline(__always)
    var family: IPAddress.Family? {
        switch CInt(start.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET: .v4
        case AF_INET6: .v6
        default: nil
        }
    }

    @inline(__always)
    func write(_ endpoint: Endpoint) {
        switch endpoint.address.family {
        case .v4:
            start.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
            start.storeBytes(of: endpoint.port.bigEndian, toByteOffset: 2, as: UInt16.self)
            start.storeBytes(of: UInt32(endpoint.address.low).bigEndian, toByteOffset: 4, as: UInt32.self)
            start.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        case .v6:
            start.storeBytes(of: sa_family_t(AF_INET6), as: sa_family_t.self)
            start.storeBytes(of: endpoint.port.bigEndian, toByteOffset: 2, as: UInt16.self)
            start.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
            start.storeBytes(of: endpoint.address.high.bigEndian, toByteOffset: 8, as: UInt64.self)
            start.storeBytes(of: endpoint.address.low.bigEndian, toByteOffset: 16, as: UInt64.self)
            start.storeBytes(of: endpoint.scope, toByteOffset: 24, as: UInt32.self)
        }
    }

    /// `family` is the name's own.
    @inline(__always)
    func read(_ family: IPAddress.Family) -> Endpoint {
        let port = UInt16(bigEndian: start.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        switch family {
        case .v4:
            let number = UInt32(bigEndian: start.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            return Endpoint(address: IPAddress(v4: number), port: port)
        case .v6:
            return Endpoint(
                address: .readV6(start + 8), port: port, scope: start.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
            )
        }
    }
}

extension IPAddress {
    /// From 16 bytes in network order.
    @inline(__always)
    static func readV6(_ place: UnsafeRawPointer) -> IPAddress {
        IPAddress(
            v6: UInt64(bigEndian: place.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: place.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
