import CSodium
import TestSupport
import Testing
import WireGuardKeys
import WireGuardProtocol

/// The twin is libsodium, a packet at a time.
@Suite("Cipher of packets")
struct PacketCipherTests {
    /// One packet in memory of its own, with a mark behind it that shows who writes too far.
    private final class Packet {
        let plaintext: [UInt8]
        let counter: UInt64
        private let isInPlace: Bool
        private let source: UnsafeMutablePointer<UInt8>
        private let destination: UnsafeMutablePointer<UInt8>
        private static let mark = [UInt8](repeating: 0xee, count: 8)

        init(_ plaintext: [UInt8], counter: UInt64, isInPlace: Bool) {
            (self.plaintext, self.counter, self.isInPlace) = (plaintext, counter, isInPlace)
            let room = plaintext.count + 16 + Self.mark.count
            source = .allocate(capacity: room)
            destination = isInPlace ? source : .allocate(capacity: room)
            source.initialize(repeating: 0xee, count: room)
            destination.initialize(repeating: 0xee, count: room)
        }

        deinit {
            if !isInPlace { destination.deallocate() }
            source.deallocate()
        }

        /// A job whose source holds these bytes.
        func job(_ bytes: [UInt8]) -> UnsafeCipherJob {
            for index in bytes.indices { source[index] = bytes[index] }
            return UnsafeCipherJob(source: source, destination: destination, count: plaintext.count, counter: counter)
        }

        /// Whether these bytes came out.
        func holds(_ bytes: [UInt8]) -> Bool { bytes.indices.allSatisfy { destination[$0] == bytes[$0] } }

        var isMarkIntact: Bool {
            (0..<Self.mark.count).allSatisfy { destination[plaintext.count + 16 + $0] == 0xee }
        }

        /// What libsodium makes of it.
        func sealed(_ key: KeyBytes) -> [UInt8] {
            var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
            let nonce = [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64($0 * 8)) }
            crypto_aead_chacha20poly1305_ietf_encrypt(
                &sealed, nil, plaintext, UInt64(plaintext.count), nil, 0, nil, nonce, key.bytes)
            return sealed
        }
    }

    private func batch(_ dice: inout SeededRandom, _ count: Int, sizes: ClosedRange<Int> = 0...1500) -> [Packet] {
        (0..<count).map { _ in
            let size = sizes.lowerBound + dice.below(sizes.count)
            return Packet(dice.bytes(size), counter: dice.number(), isInPlace: dice.once(in: 2))
        }
    }

    private func key(_ dice: inout SeededRandom) -> KeyBytes {
        let bytes = dice.bytes(32)
        return KeyBytes { bytes[$0] }
    }

    @Test("seals batches as a packet alone is sealed, in place and not", arguments: CipherKind.available)
    func seals(_ kind: CipherKind) {
        var dice = SeededRandom(1)
        var cipher = PacketCipher(kind)
        for _ in Rounds.usual(40) {
            let key = key(&dice)
            let packets = batch(&dice, dice.below(50))
            var jobs = packets.map { $0.job($0.plaintext) }
            jobs.withUnsafeMutableBufferPointer { cipher.seal($0, key: key.span) }
            for packet in packets {
                #expect(packet.holds(packet.sealed(key)))
                #expect(packet.isMarkIntact)
            }
        }
    }

    @Test("opens batches, in place and not", arguments: CipherKind.available)
    func opens(_ kind: CipherKind) {
        var dice = SeededRandom(2)
        var cipher = PacketCipher(kind)
        for _ in Rounds.usual(40) {
            let key = key(&dice)
            let packets = batch(&dice, dice.below(50))
            var jobs = packets.map { $0.job($0.sealed(key)) }
            jobs.withUnsafeMutableBufferPointer { cipher.open($0, key: key.span) }
            for (packet, job) in zip(packets, jobs) {
                #expect(job.isAuthentic)
                #expect(packet.holds(packet.plaintext))
                #expect(packet.isMarkIntact)
            }
        }
    }

    @Test("refuses forged packets amid good ones, and releases nothing of them", arguments: CipherKind.available)
    func refuses(_ kind: CipherKind) {
        var dice = SeededRandom(3)
        var cipher = PacketCipher(kind)
        for _ in Rounds.usual(60) {
            let key = key(&dice)
            let packets = batch(&dice, 20)
            let isForged = packets.map { _ in dice.once(in: 2) }
            var jobs = zip(packets, isForged).map { packet, isForged in
                let sealed = packet.sealed(key)
                return packet.job(
                    isForged ? sealed.flipped(at: dice.below(sealed.count), bit: dice.below(8)) : sealed)
            }
            jobs.withUnsafeMutableBufferPointer { cipher.open($0, key: key.span) }
            #expect(jobs.map(\.isAuthentic) == isForged.map { !$0 })
            for (packet, isForged) in zip(packets, isForged) {
                let nothing = [UInt8](repeating: 0, count: packet.plaintext.count)
                #expect(packet.holds(isForged ? nothing : packet.plaintext))
            }
        }
    }

    @Test("every bit of a packet and its tag, the counter and the key count", arguments: CipherKind.available)
    func everyBit(_ kind: CipherKind) {
        var dice = SeededRandom(4)
        var cipher = PacketCipher(kind)
        let key = key(&dice)
        let packet = Packet(dice.bytes(40), counter: 7, isInPlace: false)
        let sealed = packet.sealed(key)
        func opens(_ sealed: [UInt8], counter: UInt64, _ key: KeyBytes) -> Bool {
            var job = packet.job(sealed)
            job.counter = counter
            withUnsafeMutablePointer(to: &job) {
                cipher.open(UnsafeMutableBufferPointer(start: $0, count: 1), key: key.span)
            }
            return job.isAuthentic
        }
        for bit in 0..<(sealed.count * 8) {
            #expect(!opens(sealed.flipped(at: bit / 8, bit: bit % 8), counter: 7, key))
        }
        for bit in 0..<64 { #expect(!opens(sealed, counter: 7 ^ 1 << UInt64(bit), key)) }
        for index in 0..<32 {
            var wrong = key
            wrong[index] ^= 1
            #expect(!opens(sealed, counter: 7, wrong))
        }
        #expect(opens(sealed, counter: 7, key))
    }

    @Test("sealing and opening do not disturb each other", arguments: CipherKind.available)
    func alternates(_ kind: CipherKind) {
        var dice = SeededRandom(5)
        var cipher = PacketCipher(kind)
        for _ in Rounds.usual(100) {
            let (sendKey, receiveKey) = (key(&dice), key(&dice))
            let (out, into) = (batch(&dice, 2), batch(&dice, 2))
            var sealing = out.map { $0.job($0.plaintext) }
            var opening = into.map { $0.job($0.sealed(receiveKey)) }
            sealing.withUnsafeMutableBufferPointer { cipher.seal($0, key: sendKey.span) }
            opening.withUnsafeMutableBufferPointer { cipher.open($0, key: receiveKey.span) }
            for packet in out { #expect(packet.holds(packet.sealed(sendKey))) }
            for packet in into { #expect(packet.holds(packet.plaintext)) }
        }
    }
}
