import Glibc
import LinuxSystem
import Synchronization
import TestSupport
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

/// A private network with 127.0.0.1 and ::1 up. Call it in an arena.
func raiseLoopback(mtu: Int = 65536) throws {
    try ip("link set lo up mtu \(mtu)")
}

@discardableResult
func ip(_ arguments: String) throws -> String {
    let result = try run("ip", arguments.split(separator: " ").map(String.init))
    guard result.status == 0 else { throw RunError(description: "ip \(arguments): \(result.err)") }
    return result.out
}

let localhostV4 = IPAddress(v4: 0x7f00_0001)
let localhostV6 = IPAddress(v6: 0, 1)

func localhost(_ family: IPAddress.Family) -> IPAddress { family == .v4 ? localhostV4 : localhostV6 }

/// A datagram as it was received.
struct Arrival: Equatable {
    let path: Path
    let bytes: [UInt8]
}

/// Two groups of sockets of one worker each.
struct Wire {
    let near: UDPSocketGroup
    let far: UDPSocketGroup

    init(joinsDatagrams: Bool = true) throws {
        near = try UDPSocketGroup(workers: 1, joinsDatagrams: joinsDatagrams)
        far = try UDPSocketGroup(workers: 1, joinsDatagrams: joinsDatagrams)
    }

    func path(_ family: IPAddress.Family, to address: IPAddress? = nil, from local: IPAddress? = nil) -> Path {
        Path(to: Endpoint(address: address ?? localhost(family), port: far.port), from: local)
    }

    /// Sends all in one batch.
    func send(
        _ datagrams: [(bytes: [UInt8], path: Path)], usesSegmentation: Bool = true
    ) -> SendReport {
        var batch = SendBatch(capacity: max(1, datagrams.count), usesSegmentation: usesSegmentation)
        return send(datagrams, with: &batch)
    }

    func send(_ datagrams: [(bytes: [UInt8], path: Path)], with batch: inout SendBatch) -> SendReport {
        // Scattered: each in memory of its own.
        let copies = datagrams.map { datagram in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, datagram.bytes.count), alignment: 1)
            copy.copyBytes(from: datagram.bytes)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        for (datagram, copy) in zip(datagrams, copies) {
            batch.turn(to: datagram.path)
            batch.append(copy.baseAddress!, count: datagram.bytes.count)
        }
        return batch.flush(near.workers[0])
    }

    /// What comes to a family's socket at the far end, and in how many messages: `count` datagrams, and those that
    /// were not expected.
    func receive(_ family: IPAddress.Family, _ count: Int) throws -> (arrivals: [Arrival], messages: Int) {
        let socket = far.workers[0].socket(for: family)!
        var (arrivals, messages) = try receiveAll(socket)
        // As a rule all is there when the send returns; on a busy machine it may take a little longer.
        while arrivals.count < count, waitToRead(socket) {
            let more = try receiveAll(socket)
            (arrivals, messages) = (arrivals + more.arrivals, messages + more.messages)
        }
        return (arrivals, messages)
    }
}

/// False when nothing comes for very long.
func waitToRead(_ socket: UDPSocket) -> Bool {
    var polled = pollfd(fd: socket.raw, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 10_000) == 1
}

/// An address more on the loopback.
func addAddress(_ address: String) throws {
    try ip("addr add \(address) dev lo nodad")
    // The kernel receives for an IPv6 address a little after it has it.
    while address.contains(":"), try ip("-6 route show table local \(address)").isEmpty {}
}

func receiveAll(_ socket: UDPSocket) throws -> (arrivals: [Arrival], messages: Int) {
    var batch = ReceiveBatch(messages: 3)
    var arrivals: [Arrival] = []
    var messages = 0
    while try batch.receive(from: socket) {
        messages += batch.count
        for index in 0..<batch.count {
            for datagram in batch.datagrams(of: index) {
                arrivals.append(Arrival(path: batch.path(of: index), bytes: Array(datagram)))
            }
        }
    }
    return (arrivals, messages)
}
