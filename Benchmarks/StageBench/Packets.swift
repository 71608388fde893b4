import Glibc
import LinuxSystem
import TestSupport
import WireGuardEngine
import WireGuardKeys
import WireGuardProtocol

/// Stages that touch the bytes of packets, against `memcpy` of the same bytes.
enum Packets {
    static let count = 44
    static let size = 1420
    /// Room for a data header, or a frame's, in front, and for padding and tag behind.
    static let lead = 16
    static let room = 1472

    static var stages: [Stage] { [seal, open, segment, checksum, join] }

    /// TCP packets of one flow, one behind the other.
    static func flow() -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * room, alignment: 4096)
        for index in 0..<count {
            (memory + index * room + lead).copyMemory(from: packet(index).bytes, byteCount: size)
        }
        return memory
    }

    private static func packet(_ index: Int) -> InnerPackets {
        var packet = InnerPackets()
        packet.sequence = UInt32(index * (size - 40))
        packet.identification = UInt16(index)
        packet.payload = .init(repeating: 0x5a, count: size - 40)
        return packet
    }

    /// Copies as many bytes as the packets have.
    private static func copying() -> () -> Void {
        let source = flow()
        let target = UnsafeMutableRawPointer.allocate(byteCount: count * room, alignment: 4096)
        return {
            for index in 0..<count { memcpy(target + index * room, source + index * room, size) }
            use(target)
        }
    }

    // MARK: Cipher

    private final class Sealing {
        var cipher = PacketCipher()
        let jobs = UnsafeMutableBufferPointer<UnsafeCipherJob>.allocate(capacity: count)
        let key = KeyBytes { UInt8($0) }

        init() {
            let memory = flow()
            for index in 0..<count {
                let content = (memory + index * room + lead).assumingMemoryBound(to: UInt8.self)
                jobs[index] = UnsafeCipherJob(
                    source: content, destination: content, count: (size + 15) & ~15, counter: UInt64(index))
            }
        }

        func seal() { cipher.seal(jobs, key: key.span) }
        func open() { cipher.open(jobs, key: key.span) }
    }

    private static var seal: Stage {
        let sealing = Sealing()
        return Stage(name: "seal", floorName: "memcpy", count: count, body: sealing.seal, floor: copying())
    }

    private static var open: Stage {
        let sealing = Sealing()
        return Stage(
            name: "open", floorName: "memcpy", count: count, body: sealing.open, floor: copying(),
            prepare: sealing.seal)
    }

    // MARK: TUN

    private static var segment: Stage {
        var packet = packet(0)
        packet.payload = .init(repeating: 0x5a, count: count * (size - 40))
        let bytes = packet.frame(segmentSize: size - 40)
        let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 4096)
        frame.copyBytes(from: bytes)
        let target = UnsafeMutableRawPointer.allocate(byteCount: count * room, alignment: 4096)
        return Stage(
            name: "segment, checksums included", floorName: "memcpy", count: count,
            body: {
                guard let plan = try? UnsafeSegmentPlan(frame: frame) else { return }
                for index in 0..<plan.count { use(plan.write(index, to: target + index * room + lead)) }
            }, floor: copying())
    }

    private static var checksum: Stage {
        let memory = flow()
        return Stage(
            name: "checksum", floorName: "memcpy", count: count,
            body: {
                for index in 0..<count {
                    var sum = Checksum()
                    sum.add(memory + index * room + lead, count: size)
                    use(sum.value)
                }
            }, floor: copying())
    }

    /// Its floor reads what joining has to look at, a packet's headers, and leaves word of where each is.
    private static var join: Stage {
        let (pristine, memory) = (flow(), flow())
        let pieces = UnsafeMutablePointer<iovec>.allocate(capacity: count)
        let joining = Joining()
        return Stage(
            name: "join (coalesce)", floorName: "read 64 bytes, write an iovec", count: count,
            body: { joining.run(memory) },
            floor: {
                var sum = SIMD8<UInt64>.zero
                for index in 0..<count {
                    let packet = memory + index * room + lead
                    sum &+= packet.loadUnaligned(as: SIMD8<UInt64>.self)
                    pieces[index] = iovec(iov_base: packet, iov_len: size)
                }
                use(sum)
            },
            prepare: { memory.copyMemory(from: pristine, byteCount: count * room) })
    }

    private final class Joining {
        var coalescer = Coalescer(offloads: .all, maxPackets: count)

        func run(_ memory: UnsafeMutableRawPointer) {
            for index in 0..<count { coalescer.add(memory + index * room + lead, count: size) }
            let outcome = coalescer.flush(Nowhere())
            precondition(outcome.written == count)
        }
    }

    /// Takes frames without a system call.
    private struct Nowhere: TunWriter {
        func write(_ frame: UnsafeRawBufferPointer) throws(Errno) { use(frame) }
        func write(_ pieces: UnsafeBufferPointer<iovec>) throws(Errno) { use(pieces) }
    }
}
