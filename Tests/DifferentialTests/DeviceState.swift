import TestSupport

/// What a device answers to `get`: of every shape that is right, and damaged.
extension CaseMaker {
    mutating func device(damaged isDamaged: Bool) -> FakeDevice.Behaviour {
        let answer = isDamaged ? damagedAnswer() : answer()
        if random.chance(0.02) { return .init(toGet: answer, ending: .hangsUpAtOnce) }
        // Whoever waits for the rest of a broken answer must see its end.
        let isWhole = zip(answer, answer.dropFirst()).contains { $0 == 0x0a && $1 == 0x0a }
        return .init(toGet: answer, ending: isWhole && random.chance(0.5) ? .staysOpen : .endsAfterAnswer)
    }

    private mutating func answer() -> [UInt8] { Self.text(of: answerLines()) }

    /// One that breaks the protocol, reports a failure, or only looks as if it did.
    private mutating func damagedAnswer() -> [UInt8] {
        var lines = answerLines()
        let place = random.below(lines.count)
        switch random.below(8) {
        case 0: lines.removeLast()
        case 1: lines[lines.count - 1] = ("errno=" + random.pick(Self.errorNumbers)).bytes
        case 2: lines.insert(("errno=" + random.pick(Self.errorNumbers)).bytes, at: place)
        case 3: return Self.text(of: lines).dropLast(random.number(in: 1...2))
        case 4: return Self.text(of: Array(lines[..<place])).dropLast() + random.pick(["", "\r\n", "\n", "x"]).bytes
        case 5: lines.insert(random.pick(Self.brokenLines).bytes, at: place)
        case 6: lines = lines.map { $0 + "\r".bytes }
        default: lines[place] = damaged(lines[place])
        }
        return Self.text(of: lines)
    }

    private static let errorNumbers = [
        "1", "2", "5", "13", "19", "22", "95", "110", "9999", "2147483647", "2147483648", "4294967296", "-22", "-1",
        "+0", "00", "", " 0", "0 ", "0x0", "abc", "99999999999999999999",
    ]

    private static let brokenLines = [
        "", "x", "=", "=5", "public_key", "public_key=", "public_key=00", "private_key=zz", "listen_port=65536",
        "listen_port=-1", "listen_port=", "fwmark=4294967296", "fwmark=0x5", "fwmark= 5", "preshared_key=off",
        "endpoint=", "endpoint=1.2.3.4", "endpoint=1.2.3.4:", "endpoint=[::1]", "endpoint=[::1:5", "endpoint=[::1]5",
        "persistent_keepalive_interval=65536", "persistent_keepalive_interval=off", "allowed_ip=", "allowed_ip=1.2.3.4",
        "allowed_ip=1.2.3.4/", "allowed_ip=1.2.3.4/33", "allowed_ip=1.2.3.4/256", "allowed_ip=1.2.3.4/264",
        "allowed_ip=::/129", "allowed_ip=-1.2.3.4/32", "allowed_ip=1.2.3/8", "allowed_ip=1.2.3.4/18446744073709551616",
        "last_handshake_time_sec=-1", "last_handshake_time_sec=9223372036854775808", "last_handshake_time_sec=",
        "last_handshake_time_nsec=x", "rx_bytes=-1", "rx_bytes=18446744073709551616", "tx_bytes=1.5", "tx_bytes=",
        "rx_bytes=99999999999999999999999", "PUBLIC_KEY=00", " listen_port=5", "listen_port =5", "a\0=b", "errno",
        "é=ü",
    ]

    /// Endpoints are left alone: the reference crashes where one cannot be resolved.
    private mutating func damaged(_ line: [UInt8]) -> [UInt8] {
        line.starts(with: "endpoint=".bytes) ? line : Mutation.mutate(line, &random)
    }

    private static func text(of lines: [[UInt8]]) -> [UInt8] {
        Array((lines + [[], []]).joined(separator: "\n".bytes))
    }

    private mutating func answerLines() -> [[UInt8]] {
        var lines = deviceLines()
        for _ in 0..<random.pick([0, 1, 1, 2, 3, 6]) { lines += peerLines() }
        if random.chance(0.1) {
            lines.insert("some_future_key=\(random.below(100))=x".bytes, at: random.below(lines.count + 1))
        }
        return random.chance(0.9) ? lines + ["errno=0".bytes] : ["errno=0".bytes] + lines
    }

    private mutating func deviceLines() -> [[UInt8]] {
        var lines: [[UInt8]] = []
        if random.chance(0.8) { lines.append("private_key=".bytes + hex(secretKey())) }
        if random.chance(0.7) { lines.append("listen_port=\(random.pick([0, 51820, random.below(65536)]))".bytes) }
        if random.chance(0.5) {
            lines.append("fwmark=\(random.pick([0, 51820, 0xffff_ffff, random.below(1 << 32)]))".bytes)
        }
        if random.chance(0.1) { lines.append("own_public_key=".bytes + hex(random.pick(peerKeys))) }
        // Of a peer that is not there yet.
        if random.chance(0.05) { lines.append("rx_bytes=never\nendpoint=1.2.3.4".bytes) }
        return random.shuffled(lines)
    }

    private mutating func peerLines() -> [[UInt8]] {
        var lines: [[UInt8]] = []
        if random.chance(0.4) { lines.append("preshared_key=".bytes + hex(secretKey())) }
        if random.chance(0.7) { lines.append("endpoint=".bytes + numericEndpoint().bytes) }
        lines += handshakeLines()
        if random.chance(0.7) { lines.append("rx_bytes=\(byteCount())".bytes) }
        if random.chance(0.7) { lines.append("tx_bytes=\(byteCount())".bytes) }
        if random.chance(0.5) {
            lines.append(
                "persistent_keepalive_interval=\(random.pick([0, 1, 25, 60, 3600, 65535, random.below(65536)]))".bytes)
        }
        for _ in 0..<random.pick([0, 1, 1, 2, 5]) { lines.append("allowed_ip=".bytes + shownPrefix()) }
        if random.chance(0.5) { lines.append("protocol_version=1".bytes) }
        // Of the device, which has been told already.
        if random.chance(0.05) { lines.append("listen_port=never".bytes) }
        if random.chance(0.3) { lines = random.shuffled(lines) }
        return ["public_key=".bytes + hex(random.pick(peerKeys))] + lines
    }

    private mutating func handshakeLines() -> [[UInt8]] {
        guard random.chance(0.8) else { return [] }
        let ages = [
            0, 1, 2, 59, 60, 61, 119, 120, 3599, 3600, 3661, 86399, 86400, 90061, 31_535_999, 31_536_000, 63_072_061,
        ]
        let age = random.chance(0.7) ? random.pick(ages) : random.below(400_000_000)
        let seconds = random.pick([
            String(now - age), String(now - age), String(now - age), "0", "1", "9223372036854775807",
            String(now + random.number(in: 1...1000)),
        ])
        return [
            "last_handshake_time_sec=\(seconds)".bytes,
            "last_handshake_time_nsec=\(random.pick([0, 1, random.below(1_000_000_000), Int.max]))".bytes,
        ]
    }

    private mutating func byteCount() -> UInt64 {
        let exact = UInt64(1) << UInt64(random.below(64))
        return random.pick([
            0, 1, exact, exact &- 1, exact &+ exact / 2, random.next() >> UInt64(random.below(64)), .max,
        ])
    }

    /// Host bits and leading zeros as they come.
    private mutating func shownPrefix() -> [UInt8] {
        let address = address()
        let longest = address.contains(":") ? 128 : 32
        return "\(address)/\(random.pick(["", "0"]))\(random.pick([0, longest, random.number(in: 0...longest)]))".bytes
    }

    private mutating func hex(_ key: [UInt8]) -> [UInt8] {
        let text = KeyText.hex(key)
        return random.chance(0.1) ? String(decoding: text, as: UTF8.self).uppercased().bytes : text
    }
}
