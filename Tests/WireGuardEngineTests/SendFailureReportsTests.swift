import Glibc
import LinuxSystem
import Synchronization
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@testable import WireGuardEngine

@Suite("Reports of datagrams that were not sent")
struct SendFailureReportsTests {
    private final class Told: Sendable {
        let failures = Mutex<[SendFailure]>([])
        let loops = Mutex<[IPAddress]>([])

        var reports: SendFailureReports {
            SendFailureReports(
                tell: { failure in self.failures.withLock { $0.append(failure) } },
                tellLoop: { address in self.loops.withLock { $0.append(address) } })
        }
    }

    private let told = Told()
    private let endpoint = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 51820)

    @Test("tell the first at once and the others of a peer together, once in 10 s")
    func interval() {
        let reports = told.reports
        for millisecond in 0..<25_000 {
            reports.add(2, to: key(1), endpoint, Errno(ENETUNREACH), at(millisecond))
        }
        let counts = told.failures.withLock { $0.map(\.datagrams) }
        #expect(counts == [2, 20_000, 20_000])
        #expect(told.failures.withLock { $0.allSatisfy { $0.endpoint == endpoint && $0.error == Errno(ENETUNREACH) } })
    }

    @Test("tell of each peer, up to a number that keeps their memory small")
    func manyPeers() {
        let reports = told.reports
        for number in 0..<5000 { reports.add(1, to: key(number), endpoint, Errno(EPERM), at(number)) }
        #expect(told.failures.withLock { $0.count } == 1024)
        for number in 0..<100 { reports.add(1, to: key(number), endpoint, Errno(EPERM), at(20_000)) }
        #expect(told.failures.withLock { $0.count } == 1124)
    }

    @Test("tell of a loop once a minute")
    func loops() {
        let reports = told.reports
        for second in 0..<130 { reports.addLoop(to: endpoint.address, at(second * 1000)) }
        #expect(told.loops.withLock { $0 } == [endpoint.address, endpoint.address, endpoint.address])
    }

    private func key(_ number: Int) -> PublicKey {
        PublicKey(
            bytes: KeyBytes { $0 == 0 ? UInt8(truncatingIfNeeded: number) : UInt8(truncatingIfNeeded: number >> 8) })
    }

    private func at(_ millisecond: Int) -> Instant {
        Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(UInt64(millisecond))
    }
}
