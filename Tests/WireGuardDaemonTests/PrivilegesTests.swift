import Glibc
import LinuxSystem
import Synchronization
import TestSupport
import Testing
import WireGuardDaemon

@Suite("Privileges")
struct PrivilegesTests {
    /// CAP_NET_BIND_SERVICE and CAP_NET_ADMIN.
    private static let kept: UInt64 = 1 << 10 | 1 << 12

    /// Capabilities belong to a thread: one that is done with them can be looked at without harm to the tests.
    @Test("two capabilities are left, and no way to others", .enabled(if: geteuid() == 0, "needs root"))
    func capabilities() throws {
        let status = Mutex("")
        let worker = Worker {
            try? Privileges.dropCapabilities()
            status.withLock { $0 = Self.ownStatus() }
        }
        worker.join()
        let sets = status.withLock { Self.capabilitySets(in: $0) }
        let before = Self.capabilitySets(in: Self.ownStatus())
        #expect(sets["CapPrm"] == before["CapPrm"].map { $0 & Self.kept })
        #expect(sets["CapEff"] == sets["CapPrm"])
        #expect(sets["CapInh"] == 0 && sets["CapAmb"] == 0)
        #expect(sets["CapBnd"] == before["CapBnd"].map { $0 & Self.kept })
        #expect(sets["CapPrm"] != before["CapPrm"])
    }

    @Test("who has given them up can give them up again", .enabled(if: geteuid() == 0, "needs root"))
    func twice() {
        let failure = Mutex<Errno?>(nil)
        let worker = Worker {
            do throws(Errno) {
                try Privileges.dropCapabilities()
                try Privileges.dropCapabilities()
            } catch {
                failure.withLock { $0 = error }
            }
        }
        worker.join()
        #expect(failure.withLock { $0 } == nil)
    }

    private static func ownStatus() -> String {
        guard let file = fopen("/proc/thread-self/status", "r") else { return "" }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 1 << 14)
        return text[..<fread(&text, 1, text.count, file)].text
    }

    private static func capabilitySets(in status: String) -> [String: UInt64] {
        var sets: [String: UInt64] = [:]
        for line in status.split(separator: "\n") where line.hasPrefix("Cap") {
            let parts = line.split(separator: ":\t")
            sets[String(parts[0])] = UInt64(parts[1], radix: 16)
        }
        return sets
    }
}
