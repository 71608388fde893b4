import ByteText
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite(.enabled(if: Arena.isPossible, "takes root, or a user namespace")) struct NetworkNamespaceTests {
    /// Which one the calling thread is in.
    private static func here() throws -> String { try #require(Self.link("/proc/thread-self/ns/net")) }

    private static func link(_ path: String) -> String? {
        var target = [UInt8](repeating: 0, count: 64)
        let count = target.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        return count < 0 ? nil : String(decoding: target.prefix(count), as: UTF8.self)
    }

    private static func makeNamespace(_ name: String) throws {
        let result = try TestSupport.run("ip", ["netns", "add", name])
        guard result.status == 0 else { throw RunError(description: result.err) }
    }

    @Test func threadGoesThereAndComesBack() async throws {
        try await Arena.run {
            try Self.makeNamespace("elsewhere")
            let before = try Self.here()
            let namespace = try LinuxSystem.NetworkNamespace(named: "elsewhere")
            let there = try namespace.run { () throws(Errno) in try? Self.here() }
            #expect(there != nil && there != before)
            #expect(try Self.here() == before)
            // Also where the work there fails.
            #expect(throws: Errno.noDevice) { try namespace.run { () throws(Errno) in throw .noDevice } }
            #expect(try Self.here() == before)
            try namespace.enter()
            #expect(try Self.here() == there)
            let current = try LinuxSystem.NetworkNamespace.current()
            #expect(Self.link("/proc/self/fd/\(current.descriptor)") == there)
        }
    }

    @Test func namespaceLivesWhileItIsHeld() async throws {
        try await Arena.run {
            try Self.makeNamespace("short-lived")
            let namespace = try LinuxSystem.NetworkNamespace(at: "/run/netns/short-lived")
            #expect(try TestSupport.run("ip", ["netns", "delete", "short-lived"]).status == 0)
            #expect(throws: Errno.notFound) { _ = try LinuxSystem.NetworkNamespace(named: "short-lived").descriptor }
            try namespace.enter()
            let interfaces = try TestSupport.run("ip", ["-oneline", "link"]).out
            #expect(interfaces.hasPrefix("1: lo:"))
        }
    }

    /// A program sees the network of the thread that starts it.
    @Test func programsStartWhereTheirThreadIs() async throws {
        try await Arena.run {
            try Self.makeNamespace("elsewhere")
            let namespace = try LinuxSystem.NetworkNamespace(named: "elsewhere")
            let seen = try namespace.run { () throws(Errno) in
                var program = Program("readlink", ["/proc/self/ns/net"])
                program.output = .captured
                return try program.run().output
            }
            try namespace.enter()
            #expect(try seen.description == Self.here() + "\n")
        }
    }

    @Test func otherFilesAreNoNamespaces() async throws {
        try await Arena.run {
            let file = try LinuxSystem.NetworkNamespace(at: "/etc/passwd")
            #expect(throws: Errno.invalidArgument) { try file.enter() }
        }
    }

    // MARK: settings

    @Test func settingsAreThoseOfTheThreadsNetwork() async throws {
        try await Arena.run {
            let name: ByteString = "net/ipv4/conf/all/src_valid_mark"
            #expect(try Sysctl.read(name) == "0")
            try Sysctl.write("1", to: name)
            #expect(try Sysctl.read(name) == "1")
            #expect(try TestSupport.run("cat", ["/proc/sys/\(name)"]).out == "1\n")
            try Self.makeNamespace("elsewhere")
            try LinuxSystem.NetworkNamespace(named: "elsewhere").enter()
            #expect(try Sysctl.read(name) == "0")
            #expect(throws: Errno.notFound) { try Sysctl.read("net/ipv4/conf/absent/forwarding") }
            #expect(throws: Errno.notFound) { try Sysctl.write("1", to: "net/ipv4/conf/absent/forwarding") }
            #expect(throws: Errno.invalidArgument) { try Sysctl.write("no number", to: name) }
        }
    }
}
