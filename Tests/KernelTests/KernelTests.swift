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
        try Guest.run("run-scenario", [kernel.folder]).expect(checks: kernel.checks)
    }

    @Test(
        "our daemon has tunnels with the kernel, and with itself on an older one",
        .enabled(
            if: Guest.isPossible && Guest.canHaveTunnels,
            "needs our daemon, iproute2, iputils-ping, nftables, socat, and what other tests of kernels need"),
        arguments: Tunnels.all)
    func tunnels(_ tunnels: Tunnels) throws {
        try Guest.run("run-tunnels", [tunnels.kernel.folder, tunnels.farEnd]).expect(checks: tunnels.checks)
    }

    /// The same checks run on the kernel itself, since they describe its behaviour.
    @Test(
        "timers and staged packets survive what they survive in the kernel",
        .enabled(
            if: Guest.isPossible && Guest.canHaveTunnels,
            "needs our daemon, iproute2, socat, and what other tests of kernels need"),
        arguments: ["kernel", "ours"])
    func timers(nearEnd: String) throws {
        try Guest.run("run-timers", [Kernel.newest.folder, nearEnd]).expect(checks: 21)
    }

    @Test(
        "our wg-quick brings up the kernel's own interfaces, and leaves nothing",
        .enabled(
            if: Guest.isPossible && Guest.canBringUp,
            "needs our wg-quick, iproute2, nftables, and what other tests of kernels need"),
        arguments: Kernel.all)
    func bringsUp(on kernel: Kernel) throws {
        try Guest.run("run-quick", [kernel.folder]).expect(checks: 58)
    }

    @Test(
        "our wg-quick brings up, reloads and takes down on a kernel without IPv6",
        .enabled(
            if: Guest.isPossible && Guest.canBringUp,
            "needs our wg-quick, iproute2, nftables, and what other tests of kernels need"),
        arguments: Kernel.all)
    func withoutIPv6(on kernel: Kernel) throws {
        try Guest.run("run-quick-without-ipv6", [kernel.folder]).expect(checks: 23)
    }

    @Test(
        "wg-quick does with the kernel's interfaces what the reference does",
        .enabled(
            if: Guest.isPossible && Guest.canBringUp,
            "needs our wg-quick, iproute2, nftables, and what other tests of kernels need"),
        arguments: Kernel.all)
    func quick(on kernel: Kernel) throws {
        try Guest.run("run-quick-pair", [kernel.folder]).expect(checks: 105)
    }
}

struct Kernel: Sendable, CustomTestStringConvertible {
    let name: String
    /// How many checks the scenario has on this kernel. The stable one is too old for the reference to edit
    /// lists of allowed-ips, so that only ours is checked there.
    let checks: Int

    static let newest = Kernel(name: "newest", checks: 333)
    static let stable = Kernel(name: "stable", checks: 314)
    static let all = [newest, stable]

    var folder: String { Places.peers + "/kernels/" + name }

    var testDescription: String { name }
}

struct Tunnels: Sendable, CustomTestStringConvertible {
    let kernel: Kernel
    /// What the tunnels lead to: `kernel` or `ours`.
    let farEnd: String
    let checks: Int

    static let all = [
        Tunnels(kernel: .newest, farEnd: "kernel", checks: 186),
        Tunnels(kernel: .stable, farEnd: "kernel", checks: 186),
        Tunnels(kernel: .stable, farEnd: "ours", checks: 181),
    ]

    var testDescription: String { "\(farEnd) on \(kernel.name)" }
}

private enum Guest {
    static var isPossible: Bool {
        Places.exists(Places.wg) && Places.exists(Places.peers + "/versions")
            && ["qemu-system-x86_64", "busybox", "cpio", "xz", "patchelf"].allSatisfy(isInstalled)
    }

    static var canHaveTunnels: Bool {
        Places.exists(Places.daemon) && ["ip", "nft", "ping", "socat"].allSatisfy(isInstalled)
    }

    static var canBringUp: Bool { Places.exists(Places.quick) && ["ip", "nft", "bash"].allSatisfy(isInstalled) }

    /// A script of Tests/Guest.
    static func run(_ script: String, _ arguments: [String]) throws -> Report {
        let environment = [
            "WG_UNDER_TEST=" + Places.wg, "QUICK_UNDER_TEST=" + Places.quick, "DAEMON_UNDER_TEST=" + Places.daemon,
            "WIREGUARD_PEERS=" + Places.peers, "GUEST_TIMEOUT=600",
        ]
        let command = [Places.root + "/Tests/Guest/" + script] + arguments
        return Report(try TestSupport.run("env", environment + command, timeout: 660))
    }

    private static func isInstalled(_ program: String) -> Bool {
        let path = (Places.environment("PATH") ?? "") + ":/usr/sbin:/sbin"
        return path.split(separator: ":").contains { Places.exists("\($0)/\(program)") }
    }
}

/// The lines that a script printed, sorted out.
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

    func expect(checks: Int) {
        for failure in failures { Issue.record(Comment(rawValue: failure)) }
        #expect(passed + failures.count >= checks, "checks are missing")
        #expect(isComplete, "\(ending)")
    }
}
