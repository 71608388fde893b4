import ByteText
import Testing
import WireGuardDaemon
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

@Suite("Command line and environment")
struct OptionsTests {
    @Test("an interface, in the background or not")
    func interface() throws {
        #expect(try options(["wg0"]) == Options(interface: InterfaceName("wg0")))
        for flag: ByteString in ["-f", "--foreground"] {
            #expect(try options([flag, "wg0"]).foreground)
            #expect(try options([flag, "wg0"]).interface.text == "wg0")
        }
        #expect(try options(["wg0"], ["WG_PROCESS_FOREGROUND": "1"]).foreground)
        for other in ["", "0", "2", "yes"] {
            #expect(try !options(["wg0"], ["WG_PROCESS_FOREGROUND": other]).foreground)
        }
    }

    @Test("help and version")
    func help() throws {
        #expect(try Invocation(["--help"]) { _ in nil } == .help)
        #expect(try Invocation(["-h"]) { _ in nil } == .help)
        #expect(try Invocation(["--version"]) { _ in nil } == .version)
        #expect(DaemonFailure.usage.description.hasPrefix("Usage: wireguard-swift [-f|--foreground] INTERFACE\n"))
    }

    @Test(
        "other words are no command line",
        arguments: [
            [], ["-x"], ["-f"], ["--foreground"], ["wg0", "-f"], ["wg0", "wg1"], ["-f", "-f"], ["-f", "wg0", "wg1"],
            ["--", "wg0"], ["-f", "--version"], ["--version", "wg0"],
        ] as [[ByteString]])
    func usage(_ arguments: [ByteString]) {
        #expect(throws: DaemonFailure.usage) { try Invocation(arguments) { _ in nil } }
    }

    @Test(
        "names that no interface can have",
        arguments: [
            "", ".", "..", "a/b", "a b", "a:b", "wg%", "wg%s", "%%d", "%d%d", "wg%d ", "a\tb", "abcdefghijklmnop",
        ] as [ByteString])
    func badNames(_ name: ByteString) {
        #expect(throws: DaemonFailure.noInterface(.badName(InterfaceName(name)))) {
            try Invocation([name]) { _ in nil }
        }
    }

    @Test("one %d in a name stands for a number that the kernel chooses", arguments: ["wg%d", "%d", "a%db", "wg0"])
    func pattern(_ name: ByteString) throws {
        #expect(try options([name]).isNumbered == (name != "wg0"))
    }

    @Test(
        "how much is said",
        arguments: [
            ("verbose", .verbose), ("debug", .verbose), ("error", .error), ("silent", .silent), ("", .error),
            ("VERBOSE", .error), ("x", .error),
        ] as [(String, Log.Level)])
    func logLevel(_ word: String, _ level: Log.Level) throws {
        #expect(try options(["wg0"], ["LOG_LEVEL": word]).logLevel == level)
    }

    @Test("descriptors, threads, offloads, cipher and busy polling")
    func settings() throws {
        let options = try options(
            ["wg0"],
            [
                "WG_TUN_FD": "5", "WG_UAPI_FD": "0", "WG_THREADS": "3", "WG_OFFLOADS": "off",
                "WG_CIPHER": "libcrypto", "WG_BUSY_POLL": "off", "WG_SANDBOX": "off",
            ])
        #expect(options.tunDescriptor == 5 && options.uapiDescriptor == 0)
        #expect(options.threads == 3 && !options.usesOffloads && !options.usesBusyPoll)
        #expect(options.cipher == .libcrypto && options.sandbox == .off)
        let empty = try self.options(
            ["wg0"],
            [
                "WG_TUN_FD": "", "WG_UAPI_FD": "", "WG_THREADS": "", "WG_OFFLOADS": "", "WG_CIPHER": "",
                "WG_BUSY_POLL": "", "WG_SANDBOX": "",
            ])
        #expect(empty == Options(interface: InterfaceName("wg0")))
        #expect(try self.options(["wg0"], ["WG_OFFLOADS": "on"]).usesOffloads)
        #expect(try self.options(["wg0"], ["WG_CIPHER": "auto"]).cipher == .fastest)
        for kind in CipherKind.available {
            #expect(try self.options(["wg0"], ["WG_CIPHER": "\(kind)"]).cipher == kind)
        }
        #expect(try self.options(["wg0"], ["WG_BUSY_POLL": "on"]).usesBusyPoll)
        #expect(try self.options(["wg0"], ["WG_SANDBOX": "on"]).sandbox == .on)
        #expect(try self.options(["wg0"], ["WG_SANDBOX": "kill"]).sandbox == .kill)
    }

    @Test(
        "settings that are not understood are told with what is",
        arguments: [
            ("WG_TUN_FD", "x"), ("WG_TUN_FD", "-1"), ("WG_UAPI_FD", "65536"), ("WG_THREADS", "0"),
            ("WG_THREADS", "257"),
            ("WG_THREADS", "2 "), ("WG_OFFLOADS", "OFF"), ("WG_OFFLOADS", "0"), ("WG_CIPHER", "on"),
            ("WG_BUSY_POLL", "yes"), ("WG_SANDBOX", "no"),
        ])
    func badSettings(_ name: String, _ value: String) throws {
        let failure = try #require(throws: DaemonFailure.self) { try options(["wg0"], [name: value]) }
        #expect(failure.description.hasPrefix("\(name)=`\(value)' is not understood: set it to "))
    }

    private func options(_ arguments: [ByteString], _ environment: [String: String] = [:]) throws -> Options {
        let invocation = try Invocation(arguments) { environment[$0.description].map { ByteString($0) } }
        guard case .run(let options) = invocation else { throw DaemonFailure.usage }
        return options
    }
}
