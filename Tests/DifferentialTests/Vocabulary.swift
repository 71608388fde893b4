/// The values that commands and files are made of, in all the forms that are understood, and near misses.
extension CaseMaker {
    mutating func port() -> [UInt8] {
        let usual = String(random.below(65536))
        let valid = random.pick([
            usual, usual, usual, usual, "0", "1", "65535", "00080", "65536", "4294967297", " 5", "+5", "domain", "ntp",
        ])
        return flawed(valid, ["", "-1", "80 ", "0x10", "off", "http", "nonsense", "1.5", "٣", "99999999999999999999"])
    }

    mutating func mark() -> [UInt8] {
        let number = random.next() & 0xffff_ffff
        let valid = random.pick([
            String(number), "0x" + String(number, radix: 16), "0x" + String(number, radix: 16, uppercase: true), "0",
            "off", "OFF", "oFf", "4294967295", "0xffffffff", "010", "0x0", "0x00000000000001",
        ])
        return flawed(
            valid,
            [
                "", "0x", "0X10", "4294967296", "0x100000000", "-1", "+1", "1 ", " 1", "0xg", "0x-1", "0x 1", "offf",
                "of", "none", "1e3",
            ])
    }

    mutating func keepalive() -> [UInt8] {
        let valid = random.pick([
            "25", "1", String(random.below(65536)), "0", "65535", "off", "Off", "OFF", "010", "0000000000025",
        ])
        return flawed(valid, ["", "65536", "-1", "+1", "1 ", " 1", "0x10", "on", "of", "offf", "1.0", "4294967297"])
    }

    /// Base64 of one of the case's peers.
    mutating func peerKey() -> [UInt8] { flawed(KeyText.base64(random.pick(peerKeys)), KeyText.nearMisses) }

    mutating func address() -> String {
        random.chance(0.6) ? random.bytes(4).map(String.init).joined(separator: ".") : v6Address()
    }

    private mutating func v6Address() -> String {
        let groups = (0..<8).map { _ in
            let group = String(random.below(0x10000), radix: 16, uppercase: random.chance(0.2))
            return random.chance(0.2) ? String(repeating: "0", count: 4 - group.count) + group : group
        }
        return random.pick([
            groups.joined(separator: ":"), "::", "::1", "fe80::\(groups[0])", "2001:db8::\(groups[1]):\(groups[2])",
            "\(groups[3])::", "::ffff:192.0.2.33", "64:ff9b::192.0.2.33", "1:0:0:2:0:0:0:3", "1::0:0:2",
        ])
    }

    mutating func prefix() -> [UInt8] {
        let address = address()
        let longest = address.contains(":") ? 128 : 32
        let length = String(random.pick([0, 1, 8, 24, longest, longest, random.number(in: 0...longest)]))
        let valid = random.pick(["", "/" + length, "/" + length, "/0" + length])
        return flawed(
            address + valid,
            [
                "", "/", "/8", address + "/", address + "/33", address + "/129", address + "/-1", address + "/+8",
                address + "/0x8", address + "/8/8", address + "/256", address + "//8", address + ":80", "[::1]/128",
                "010.0.0.0/8", "1.2.3", "1.2.3.4.5", "256.1.1.1", "fe80::1%lo/64", "::1::", "12345::", "1::2::3",
                "1:2:3:4:5:6:7", "::1.2.3", "foo", "default", "(none)", "+", "-", "1.2.3.4/32;1.2.3.5",
            ])
    }

    mutating func allowedIPs(_ counts: [Int] = [0, 1, 1, 1, 2, 3, 8]) -> [UInt8] {
        let isSigned = random.chance(0.3)
        let entries = (0..<random.pick(counts)).map { _ in
            let sign = isSigned && random.chance(0.7) ? random.pick(["+", "-"]) : ""
            return sign.bytes + spaced(prefix())
        }
        let list = Array(entries.joined(separator: ",".bytes))
        return flawed(list, [",", ",,", " ", " , ", "+", "-", "+,-", "++1.1.1.1", "+-1.1.1.1", "1.1.1.1,", ",1.1.1.1"])
    }

    /// With white space that counts for nothing.
    private mutating func spaced(_ text: [UInt8]) -> [UInt8] {
        guard random.chance(0.15) else { return text }
        let place = random.below(text.count + 1)
        return text[..<place] + random.pick([" ", "\t", "  ", " \n", "\r", "\u{b}\u{c}"]).bytes + text[place...]
    }

    /// An endpoint that no resolver has to ask the network for.
    mutating func numericEndpoint() -> String {
        let address = address()
        let host = address.contains(":") ? "[\(address)]" : address
        let port = String(random.below(65536))
        return random.pick([
            host + ":" + port, host + ":" + port, host + ":" + port, host + ":" + port, host + ":0", host + ":65536",
            host + ":00053", host + ":+5", host + ": 5", host + ":4294967297", host + ":domain", "::1:" + port,
            "[fe80::1%lo]:" + port, "[fe80::1%1]:" + port, "[fe80::1%77]:" + port, "fe80::2%lo:" + port,
            "[192.0.2.1]:" + port, "1:" + port, "1.2.3:" + port, "127.1:" + port, "010.0.0.1:" + port, "0x7f.1:" + port,
            "[ff02::1%lo]:" + port,
        ])
    }

    mutating func endpoint() -> [UInt8] {
        if isPatient { return random.pick(["192.0.2.1:7", "[::1]:65536", "localhost:5", "1.2.3.4:+5"]).bytes }
        let valid = random.chance(0.1) ? "localhost:\(random.below(65536))" : numericEndpoint()
        return flawed(
            valid,
            [
                "", ":", "::1", "[::1]", "[::1]:", "[::1]5", "[::1]x:5", "[]:5", "[::1:5", "::1]:5", ":5", "1.2.3.4",
                "1.2.3.4:", "1.2.3.4:-1", "1.2.3.4:http", "1.2.3.4:0x10", "1.2.3.4:5 ", " 1.2.3.4:5", "1.2.3.4:5/udp",
                "[::1]:5:6", "a b:5", "foo:bar:5", "[fe80::1%nope]:5", "host.invalid:5", "256.1.1.1:5", "1.2.3.4.5:5",
                "[::g]:5", "(none)", "[1.2.3.4:5", "99999999999:5",
            ])
    }

    /// How often names are looked up again. Where that may be more than never, all endpoints resolve at once.
    mutating func setRetries() {
        guard random.chance(0.1) else { return }
        isPatient = true
        draft.environment["WG_ENDPOINT_RESOLUTION_RETRIES"] = random.pick([
            nil, "", "00", " 0", "\t0", "+0", "1", "15", "infinity", "0x1", "-1", "1x", "Infinity", "infinity ", "0 ",
            "99999999999999999999999", "18446744073709551615", "18446744073709551616", "2147483647", "2147483648",
            "-0", "+-0", " ", "+", "1 1", "one",
        ])
    }
}
