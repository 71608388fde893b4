import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

/// What the tunnel does with a batch besides its cipher, on either way, against a loop that only reads where a packet
/// goes and writes, or reads, its data header.
enum Seam {
    static var stages: [Stage] { [out, inwards] }

    private static let now = Instant(nanoseconds: 1_000_000_000)
    private static let message = MessageSize.data(content: (Packets.size + 15) & ~15)

    private static var out: Stage {
        let pair = TunnelPair(at: now)
        let (memory, jobs) = (Packets.flow(), makeJobs())
        return Stage(
            name: "seam, way out: route, ask the peer, headers", floorName: "a loop over headers",
            count: Packets.count,
            body: {
                let routes = pair.left.routingTable
                var batch = TunnelPeer.Batch()
                var slot: UInt32?
                for index in 0..<Packets.count {
                    slot = routes.slot(for: inner(memory, index).destination)
                    batch.count(content: Packets.size, message: message)
                }
                var alarm: Instant?
                let permission = routes.peer(at: slot!)!.beginSending(batch, now, alarm: &alarm)
                guard case .send(let keypair, let first, _) = permission else { fatalError("no session") }
                for index in 0..<Packets.count {
                    let counter = first + UInt64(index)
                    DataHeader(receiverIndex: keypair.remoteIndex, counter: counter)
                        .write(to: memory + index * Packets.room)
                    jobs[index] = job(memory, index, counter)
                }
            },
            floor: { writeHeaders(memory, jobs, firstCounter: 0) })
    }

    private static var inwards: Stage {
        let pair = TunnelPair(at: now)
        let (memory, jobs) = (Packets.flow(), makeJobs())
        let source = pair.leftAddress
        var next: UInt64 = 1
        return Stage(
            name: "seam, way in: session, replays, source", floorName: "a loop over headers", count: Packets.count,
            body: {
                var receiver: UInt32 = 0
                for index in 0..<Packets.count {
                    let header = DataHeader(reading: memory + index * Packets.room)
                    receiver = header.receiverIndex
                    jobs[index] = job(memory, index, header.counter)
                }
                guard let (peer, keypair) = pair.right.session(at: receiver) else { fatalError("no session") }
                let batch = keypair.checkReplays { window in
                    var batch = TunnelPeer.Batch()
                    for index in 0..<Packets.count where window.accept(jobs[index].counter) {
                        batch.count(content: Packets.size, message: message)
                    }
                    return batch
                }
                precondition(batch.packets == Packets.count)
                var alarm: Instant?
                peer.received(batch, under: keypair, by: pair.path, now, alarm: &alarm)
                let routes = pair.right.routingTable
                for index in 0..<Packets.count {
                    precondition(inner(memory, index).count > 0 && routes.allows(source, from: peer))
                }
            },
            floor: {
                var sum: UInt64 = 0
                for index in 0..<Packets.count {
                    let header = DataHeader(reading: memory + index * Packets.room)
                    jobs[index] = job(memory, index, header.counter)
                    sum &+= header.counter
                }
                use(sum)
            },
            prepare: {
                for index in 0..<Packets.count {
                    DataHeader(receiverIndex: pair.receiverIndex, counter: next + UInt64(index))
                        .write(to: memory + index * Packets.room)
                }
                next += UInt64(Packets.count)
            })
    }

    private static func makeJobs() -> UnsafeMutableBufferPointer<UnsafeCipherJob> { .allocate(capacity: Packets.count) }

    private static func writeHeaders(
        _ memory: UnsafeMutableRawPointer, _ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, firstCounter: UInt64
    ) {
        var sum: UInt32 = 0
        for index in 0..<Packets.count {
            let start = memory + index * Packets.room
            sum &+= start.loadUnaligned(fromByteOffset: Packets.lead + 16, as: UInt32.self)
            DataHeader(receiverIndex: 1, counter: firstCounter + UInt64(index)).write(to: start)
            jobs[index] = job(memory, index, firstCounter + UInt64(index))
        }
        use(sum)
    }

    @inline(__always)
    private static func inner(_ memory: UnsafeMutableRawPointer, _ index: Int) -> InnerPacket {
        InnerPacket(
            UnsafeRawBufferPointer(start: memory + index * Packets.room + Packets.lead, count: Packets.size))!
    }

    @inline(__always)
    private static func job(_ memory: UnsafeMutableRawPointer, _ index: Int, _ counter: UInt64) -> UnsafeCipherJob {
        let content = (memory + index * Packets.room + Packets.lead).assumingMemoryBound(to: UInt8.self)
        return UnsafeCipherJob(source: content, destination: content, count: Packets.size, counter: counter)
    }
}
