import Glibc
import TestSupport
import Testing
import WireGuardKeys
import WireGuardProtocol

/// Our own cipher against libcrypto: the same batch in a copy of the same memory, which must then be the same to the
/// last byte, whether it belongs to a packet or not.
@Suite("Cipher of batches", .enabled(if: !CipherKind.ours.isEmpty, "this processor cannot run it"))
struct VectorCipherTests {
    @Test("seals and opens as libcrypto does, forgeries among the packets", arguments: CipherKind.ours)
    func sameAsLibcrypto(_ kind: CipherKind) {
        var dice = SeededRandom(10)
        var ours = PacketCipher(kind)
        var theirs = PacketCipher(.libcrypto)
        for _ in Rounds.usual(600) {
            let batch = Batch(&dice)
            let (left, right) = (Memory(of: batch, &dice), Memory(of: batch, &dice))
            left.copy(to: right)
            ours.seal(left.sealing(batch), key: batch.key.span)
            theirs.seal(right.sealing(batch), key: batch.key.span)
            #expect(left.equals(right), "sealed \(batch.shape)")
            left.forge(batch)
            right.forge(batch)
            let (opened, twins) = (left.opening(batch), right.opening(batch))
            ours.open(opened, key: batch.key.span)
            theirs.open(twins, key: batch.key.span)
            #expect(left.equals(right), "opened \(batch.shape)")
            #expect(opened.map(\.isAuthentic) == batch.packets.map { $0.forgedBit == nil })
            #expect(twins.map(\.isAuthentic) == batch.packets.map { $0.forgedBit == nil })
        }
    }

    @Test(
        "every length up to 300, and the longest, alone and in company", arguments: CipherKind.ours, [1, 2, 3, 5, 8])
    func everyLength(_ kind: CipherKind, _ company: Int) {
        var dice = SeededRandom(11)
        var ours = PacketCipher(kind)
        var theirs = PacketCipher(.libcrypto)
        for size in Array(0...300) + [4095, 4096, 16000, 65519, 65535] {
            let batch = Batch(&dice, sizes: Array(repeating: size, count: company))
            let (left, right) = (Memory(of: batch, &dice), Memory(of: batch, &dice))
            left.copy(to: right)
            ours.seal(left.sealing(batch), key: batch.key.span)
            theirs.seal(right.sealing(batch), key: batch.key.span)
            #expect(left.equals(right), "\(company) of \(size) bytes")
            ours.open(left.opening(batch), key: batch.key.span)
            theirs.open(right.opening(batch), key: batch.key.span)
            #expect(left.equals(right), "\(company) of \(size) bytes")
        }
    }

    /// Without associated data, and with its nonces, this is as far as RFC 8439's vectors go.
    @Test(
        "the keystream of RFC 8439, sections A.1 and A.2, from block 1 on", arguments: CipherKind.ours,
        [
            (
                "0000000000000000000000000000000000000000000000000000000000000000", 0,
                "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                    + "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"
            ),
            (
                "0000000000000000000000000000000000000000000000000000000000000001", 0,
                "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
                    + "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"
            ),
            // Vector 4 of A.1 is block 2 of its key.
            (
                "00ff000000000000000000000000000000000000000000000000000000000000", 64,
                "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
                    + "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096"
            ),
        ])
    func keystream(_ kind: CipherKind, _ vector: (key: String, offset: Int, keystream: String)) {
        let zeros = [UInt8](repeating: 0, count: vector.offset + 64)
        let sealed = sealed(zeros, KeyBytes(hex: vector.key), 0, kind)
        #expect(sealed[vector.offset...].starts(with: [UInt8](hex: vector.keystream)))
    }

    /// Its tag covers associated data, which packets have not.
    @Test("the ciphertext of RFC 8439, section A.5", arguments: CipherKind.ours)
    func ciphertext(_ kind: CipherKind) {
        let key = KeyBytes(hex: "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0")
        let wanted = [UInt8](hex: "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2")
        let text = Array("Internet-Drafts are draft documents valid for a maximum of six months".utf8)
        #expect(sealed(text, key, 0x0807_0605_0403_0201, kind).starts(with: wanted))
    }

    private func sealed(_ text: [UInt8], _ key: KeyBytes, _ counter: UInt64, _ kind: CipherKind) -> [UInt8] {
        var cipher = PacketCipher(kind)
        return [UInt8](unsafeUninitializedCapacity: text.count + 16) { room, count in
            text.withUnsafeBufferPointer { text in
                var job = UnsafeCipherJob(
                    source: text.baseAddress!, destination: room.baseAddress!, count: text.count, counter: counter)
                withUnsafeMutablePointer(to: &job) {
                    cipher.seal(UnsafeMutableBufferPointer(start: $0, count: 1), key: key.span)
                }
            }
            count = text.count + 16
        }
    }
}

extension CipherKind {
    /// Our own that this processor can run.
    static let ours = available.filter { $0 != .libcrypto }
}

extension VectorCipherTests {
    private struct Packet {
        let size: Int
        let counter: UInt64
        /// Where it is in memory before it is sealed, and after.
        let (plain, sealed): (Int, Int)
        let forgedBit: Int?
    }

    private struct Batch {
        let key: KeyBytes
        let packets: [Packet]
        /// Bytes of memory that it needs.
        let room: Int

        init(_ dice: inout SeededRandom) {
            let count = dice.once(in: 10) ? 1 + dice.below(300) : 1 + dice.below(dice.once(in: 2) ? 10 : 70)
            let longest = dice.pick([0, 16, 64, 200, 1500, 1500, 1500])
            let same = dice.once(in: 2) ? dice.below(longest + 1) : nil
            self.init(&dice, sizes: (0..<count).map { _ in same ?? dice.below(longest + 1) })
        }

        /// One after another or at random, with counters that follow each other, through a carry perhaps.
        init(_ dice: inout SeededRandom, sizes: [Int]) {
            let bytes = dice.bytes(32)
            let first = dice.pick([0, 0xffff_ffff, dice.number(), dice.number() << 32 | 0xffff_fff0])
            var end = 64
            func place(_ size: Int) -> Int {
                let start = end + dice.below(70)
                end = start + size
                return start
            }
            key = KeyBytes { bytes[$0] }
            packets = sizes.enumerated().map { index, size in
                let plain = place(size + 16)
                return Packet(
                    size: size, counter: first &+ UInt64(index), plain: plain,
                    sealed: dice.once(in: 2) ? plain : place(size + 16),
                    forgedBit: dice.once(in: 6) ? dice.below((size + 16) * 8) : nil)
            }
            room = end + 64
        }

        var shape: String { "\(packets.map(\.size))" }
    }

    /// Random bytes, packets among them.
    private final class Memory {
        private let bytes: UnsafeMutableRawBufferPointer
        private let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>

        init(of batch: Batch, _ dice: inout SeededRandom) {
            bytes = .allocate(byteCount: batch.room, alignment: 64)
            jobs = .allocate(capacity: batch.packets.count)
            for place in stride(from: 0, to: batch.room - 7, by: 8) {
                bytes.storeBytes(of: dice.next(), toByteOffset: place, as: UInt64.self)
            }
        }

        deinit {
            bytes.deallocate()
            jobs.deallocate()
        }

        func copy(to other: Memory) { other.bytes.copyMemory(from: UnsafeRawBufferPointer(bytes)) }

        func equals(_ other: Memory) -> Bool {
            memcmp(bytes.baseAddress!, other.bytes.baseAddress!, bytes.count) == 0
        }

        func forge(_ batch: Batch) {
            for packet in batch.packets {
                if let bit = packet.forgedBit { bytes[packet.sealed + bit / 8] ^= 1 << UInt8(bit % 8) }
            }
        }

        func sealing(_ batch: Batch) -> UnsafeMutableBufferPointer<UnsafeCipherJob> {
            jobs(batch) { ($0.plain, $0.sealed) }
        }

        func opening(_ batch: Batch) -> UnsafeMutableBufferPointer<UnsafeCipherJob> {
            jobs(batch) { ($0.sealed, $0.plain) }
        }

        private func jobs(
            _ batch: Batch, _ places: (Packet) -> (Int, Int)
        ) -> UnsafeMutableBufferPointer<UnsafeCipherJob> {
            let start = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
            for (index, packet) in batch.packets.enumerated() {
                let (source, destination) = places(packet)
                jobs[index] = UnsafeCipherJob(
                    source: start + source, destination: start + destination, count: packet.size,
                    counter: packet.counter)
            }
            return jobs
        }
    }
}
