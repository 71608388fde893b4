import FuzzSupport
import WireGuardProtocol

/// Our cipher and libcrypto make the same of a batch, and of the memory around it.
enum PacketCipherProperties {
    static func check(_ input: [UInt8]) {
        let script = BatchScript(input)
        for kind in CipherKind.available where kind != .libcrypto { check(script, kind) }
    }

    private static func check(_ script: BatchScript, _ kind: CipherKind) {
        var ours = PacketCipher(kind)
        var theirs = PacketCipher(.libcrypto)
        let (batch, twin) = (Batch(script), Batch(script))
        ours.seal(batch.jobs, key: script.key.span)
        theirs.seal(twin.jobs, key: script.key.span)
        expect(batch.memory == twin.memory, "sealed alike")
        batch.turnRound(script)
        twin.turnRound(script)
        ours.open(batch.jobs, key: script.key.span)
        theirs.open(twin.jobs, key: script.key.span)
        expect(batch.memory == twin.memory, "opened alike")
        for (job, packet) in zip(batch.jobs, script.packets) {
            expect(job.isAuthentic == (packet.forgedBit == nil), "forgeries are refused, and nothing else")
        }
    }

    /// Each packet in memory of its own, so that the sanitizer sees every step too far.
    private final class Batch {
        let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
        private var rooms: [UnsafeMutableRawBufferPointer] = []

        private static let pattern = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

        init(_ script: BatchScript) {
            jobs = .allocate(capacity: script.packets.count)
            for (index, packet) in script.packets.enumerated() {
                let source = room(for: packet, index)
                jobs[index] = UnsafeCipherJob(
                    source: source, destination: packet.isInPlace ? source : room(for: packet, index),
                    count: packet.size, counter: packet.counter)
            }
        }

        deinit {
            for room in rooms { room.deallocate() }
            jobs.deallocate()
        }

        var memory: [[UInt8]] { rooms.map { Array($0) } }

        /// From sealing to opening, with what is forged.
        func turnRound(_ script: BatchScript) {
            for (index, packet) in script.packets.enumerated() {
                let job = jobs[index]
                if let bit = packet.forgedBit { job.destination[bit / 8] ^= 1 << UInt8(bit % 8) }
                jobs[index].source = UnsafePointer(job.destination)
                jobs[index].destination = UnsafeMutablePointer(mutating: job.source)
            }
        }

        private func room(for packet: BatchScript.Packet, _ seed: Int) -> UnsafeMutablePointer<UInt8> {
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: packet.gap + packet.size + 16, alignment: 1)
            Self.pattern[seed...].withUnsafeBytes { room.copyBytes(from: $0.prefix(room.count)) }
            rooms.append(room)
            return (room.baseAddress! + packet.gap).assumingMemoryBound(to: UInt8.self)
        }
    }
}
