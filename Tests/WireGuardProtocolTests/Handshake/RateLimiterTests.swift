import TestSupport
import Testing
import WireGuardModel
import WireGuardProtocol

@Suite("Rate limit of handshakes")
struct RateLimiterTests {
    private let begin = Instant(nanoseconds: 5_000_000_000)

    @Test("five at once, then twenty a second")
    func burstAndRate() {
        var limiter = RateLimiter()
        let address = IPAddress(v4: 0x0a00_0001)
        let atOnce = (0..<100).count { _ in limiter.allows(address, begin) }
        #expect(atOnce == 5)
        let tooEarly = limiter.allows(address, begin + .milliseconds(49))
        let inTime = limiter.allows(address, begin + .milliseconds(50))
        let again = limiter.allows(address, begin + .milliseconds(50))
        #expect(!tooEarly && inTime && !again)
        // A thousand a second for ten seconds.
        let later = begin + .seconds(60)
        let inTenSeconds = (0..<10_000).count { limiter.allows(address, later + .milliseconds(UInt64($0))) }
        #expect(inTenSeconds == 5 + 199)
    }

    @Test("agrees with a bucket of tokens for each source")
    func twin() {
        var dice = SeededRandom(1)
        var limiter = RateLimiter()
        /// Tokens in nanoseconds: 50 ms each, five at most.
        var buckets: [UInt32: (tokens: UInt64, filledAt: UInt64)] = [:]
        var now: UInt64 = 1_000_000_000
        for _ in Rounds.usual(20_000) {
            now += dice.once(in: 50) ? 1_000_000_000 : UInt64(dice.below(8_000_000))
            let source = UInt32(dice.below(8))
            let bucket = buckets[source] ?? (250_000_000, now)
            var tokens = min(250_000_000, bucket.tokens + now - bucket.filledAt)
            let isAllowed = tokens >= 50_000_000
            if isAllowed { tokens -= 50_000_000 }
            buckets[source] = (tokens, now)
            let verdict = limiter.allows(IPAddress(v4: source), Instant(nanoseconds: now))
            #expect(verdict == isAllowed)
        }
    }

    @Test("sources are IPv4 addresses and networks of 64 bits")
    func sources() {
        var limiter = RateLimiter()
        let addresses = (0..<20).map { IPAddress(v6: 0x2001_0db8_0000_0001, $0) }
        let allowed = addresses.count { limiter.allows($0, begin) }
        #expect(allowed == 5)
        let neighbour = limiter.allows(IPAddress(v6: 0x2001_0db8_0000_0002, 0), begin)
        #expect(neighbour)
        for last in 0..<200 {
            let isAllowed = limiter.allows(IPAddress(v4: 0xc000_0200 + UInt32(last)), begin)
            #expect(isAllowed)
        }
        // An IPv4 address is not the IPv6 network of the same number.
        for _ in 0..<5 { _ = limiter.allows(IPAddress(v4: 77), begin) }
        let isAllowed = limiter.allows(IPAddress(v6: 77, 0), begin)
        #expect(isAllowed)
    }

    @Test("a crowd of sources locks nobody out")
    func crowd() {
        var limiter = RateLimiter()
        for number in 0..<100_000 { _ = limiter.allows(IPAddress(v4: UInt32(number)), begin) }
        let newcomer = limiter.allows(IPAddress(v4: 0xc000_0201), begin)
        #expect(newcomer)
        // And who came last is still held to the limit.
        let more = (0..<10).count { _ in limiter.allows(IPAddress(v4: 0xc000_0201), begin) }
        #expect(more == 4)
    }
}
