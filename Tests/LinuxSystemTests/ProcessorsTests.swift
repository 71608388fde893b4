import ByteText
import LinuxSystem
import TestSupport
import Testing

@Suite("Processors")
struct ProcessorsTests {
    @Test(
        "as many as the affinity allows, or as the quota is worth, and at least one",
        arguments: [
            (8, nil, 8), (8, 2, 2), (8, 1.5, 2), (8, 0.01, 1), (8, 7.5, 8), (8, 100, 8), (0, nil, 1), (1000, nil, 1000),
        ] as [(Int, Double?, Int)])
    func count(_ allowed: Int, _ quota: Double?, _ expected: Int) {
        #expect(Processors.count(allowed: allowed, quota: quota) == expected)
    }

    @Test(
        "the kernel is asked again with more room than a machine of many processors needs", arguments: [1, 2, 8, 4096])
    func affinity(firstRoom: CInt) throws {
        // nproc(1) counts independently. OMP_NUM_THREADS would change its result.
        let nproc = try run("nproc", [], environment: ["PATH": "/usr/bin:/bin"])
        #expect(Processors.allowed(firstRoom: firstRoom) == Int(nproc.out.filter(\.isNumber)))
    }

    /// `files` maps paths below `mounts` to contents.
    private static func quota(of membership: String, _ files: [String: String]) throws -> Double? {
        let folder = try makeTemporaryFolder("cgroup")
        defer { _ = try? run("rm", ["-r", folder]) }
        for (path, content) in files {
            let file = "\(folder)/mounts/\(path)"
            _ = try run("mkdir", ["-p", String(file[..<file.lastIndex(of: "/")!])])
            try FileSystem.write(ByteString(content), to: ByteString(file), mode: 0o600)
        }
        try FileSystem.write(ByteString(membership), to: ByteString(folder + "/self"), mode: 0o600)
        return ProcessorQuota.current(membership: ByteString(folder + "/self"), mounts: ByteString(folder + "/mounts"))
    }

    @Test("version 2: the least quota of the group and of all above it")
    func version2() throws {
        let files = ["cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n", "a/b/cpu.max": "300000 100000\n"]
        #expect(try Self.quota(of: "0::/\n", files) == nil)
        #expect(try Self.quota(of: "0::/a\n", files) == 1.5)
        #expect(try Self.quota(of: "0::/a/b\n", files) == 1.5)
        #expect(try Self.quota(of: "0::/a/b/without\n", files) == 1.5)
        #expect(try Self.quota(of: "0::/a:b c\n", ["a:b c/cpu.max": "50000 100000\n"]) == 0.5)
    }

    @Test("version 2 in a container, whose own group is at the top, whatever the host calls it")
    func container() throws {
        #expect(try Self.quota(of: "0::/\n", ["cpu.max": "200000 100000\n"]) == 2)
        #expect(try Self.quota(of: "0::/system.slice/docker-1.scope\n", ["cpu.max": "200000 100000\n"]) == 2)
        #expect(try Self.quota(of: "0::/../other\n", ["cpu.max": "200000 100000\n"]) == 2)
    }

    @Test(
        "version 1: quota and period in two files, below the mount of the controller",
        arguments: ["cpu", "cpu,cpuacct"])
    func version1(mount: String) throws {
        let files = [
            "\(mount)/a/cpu.cfs_quota_us": "50000\n", "\(mount)/a/cpu.cfs_period_us": "20000\n",
            "\(mount)/a/b/cpu.cfs_quota_us": "-1\n", "\(mount)/a/b/cpu.cfs_period_us": "100000\n",
        ]
        let others = "9:name=systemd:/x\n4:memory:/y\n3:cpuset:/a\n"
        #expect(try Self.quota(of: others + "2:\(mount):/a/b\n0::/\n", files) == 2.5)
        #expect(try Self.quota(of: others + "2:\(mount):/\n0::/\n", files) == nil)
        #expect(try Self.quota(of: others + "2:cpuacct:/a\n0::/\n", files) == nil)
    }

    @Test(
        "what is no quota limits nothing", arguments: ["", "max\n", "1\n", "1 0\n", "-1 100000\n", "x y\n", "1 2 3\n"])
    func broken(_ content: String) throws {
        #expect(try Self.quota(of: "0::/\nx\n:\n::\n", ["cpu.max": content]) == nil)
        #expect(ProcessorQuota.current(membership: "/nonexistent") == nil)
    }
}
