import TestSupport
import Testing

/// Ours and the reference on the interfaces of real kernels, which QEMU emulates: see Tests/Guest.
@Suite("Real kernels")
struct KernelTests {
    @Test(
        "does on a kernel what the reference does",
        .enabled(
            if: Guest.isPossible,
            "needs our wg, Tests/Peers/fetch, qemu-system-x86, busybox-static, cpio, xz-utils, patchelf"),
        arguments: Kernel.all)
    func scenario(on kernel: Kernel) throws {
        let report = Report(try Guest.runScenario(on: kernel))
        for failure in report.failures { Issue.record(Comment(rawValue: failure)) }
        #expect(report.passed + report.failures.count >= kernel.checks, "checks are missing")
        #expect(report.isComplete, "\(report.ending)")
    }
}

struct Kernel: Sendable, CustomTestStringConvertible {
    let name: String
    /// How many checks the scenario has on this kernel. The stable one is too old for the reference to edit
    /// lists of allowed-ips, so that only ours is checked there.
    let checks: Int

    static let all = [Kernel(name: "newest", checks: 333), Kernel(name: "stable", checks: 314)]

    var testDescription: String { name }
}

private enum Guest {
    static var isPossible: Bool {
        let programs = ["qemu-system-x86_64", "busybox", "cpio", "xz", "patchelf"]
        return Places.exists(Places.wg) && Places.exists(Places.peers + "/versions") && programs.allSatisfy(isInstalled)
    }

    static func runScenario(on kernel: Kernel) throws -> RunResult {
        try run(
            "env",
            [
                "WG_UNDER_TEST=" + Places.wg, "WIREGUARD_PEERS=" + Places.peers, "GUEST_TIMEOUT=300",
                Places.root + "/Tests/Guest/run-scenario", Places.peers + "/kernels/" + kernel.name,
            ], timeout: 360)
    }

    private static func isInstalled(_ program: String) -> Bool {
        (Places.environment("PATH") ?? "").split(separator: ":").contains { Places.exists("\($0)/\(program)") }
    }
}

/// The lines that a scenario printed, sorted out.
private struct Report {
    var passed = 0
    /// Each with the indented lines that say what differs.
    var failures: [String] = []
    var isComplete = false
    let ending: String

    init(_ result: RunResult) {
        ending = "status \(result.status)\n" + result.err.suffix(4000)
        for line in result.out.split(separator: "\n") {
            if line.hasPrefix("ok ") {
                passed += 1
            } else if line.hasPrefix("FAIL ") {
                failures.append(String(line))
            } else if line.hasPrefix("    "), !failures.isEmpty {
                failures[failures.count - 1] += "\n" + line
            }
        }
        isComplete = result.status == 0 && result.out.hasSuffix("done\n")
    }
}
