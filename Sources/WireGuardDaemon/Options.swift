package import ByteText
internal import WireGuardEngine
package import WireGuardModel
package import WireGuardProtocol

/// What the command line and the environment ask of the daemon.
package struct Options: Equatable, Sendable {
    package var interface: InterfaceName
    /// Whether the name holds a `%d` that the kernel replaces by a number. The daemon then prints the name.
    package var isNumbered = false
    /// Stay with the terminal instead of going on in the background.
    package var foreground = false
    package var logLevel = Log.Level.error
    /// WG_TUN_FD: a TUN device that whoever started us has opened.
    package var tunDescriptor: CInt?
    /// WG_UAPI_FD: the same of a socket that listens.
    package var uapiDescriptor: CInt?
    /// WG_THREADS: how many threads carry packets; nil for as many as there are processors.
    package var threads: Int?
    /// WG_OFFLOADS: whether the kernel may join and cut packets for us.
    package var usesOffloads = true
    /// WG_CIPHER: who seals and opens packets.
    package var cipher = CipherKind.fastest
    /// WG_BUSY_POLL: whether threads look for more a moment longer before they sleep.
    package var usesBusyPoll = true
    /// WG_SANDBOX: how system calls and file accesses that a running tunnel does not need are refused.
    package var sandbox = Sandbox.Mode.on

    package init(interface: InterfaceName) { self.interface = interface }
}

/// What a command line means.
package enum Invocation: Equatable, Sendable {
    case run(Options)
    case help
    case version

    /// `arguments` are without the program's name.
    package init(
        _ arguments: [ByteString], environment: (ByteString) -> ByteString?
    ) throws(DaemonFailure) {
        if arguments == ["--help"] || arguments == ["-h"] {
            self = .help
        } else if arguments == ["--version"] {
            self = .version
        } else {
            self = .run(try Options(arguments, environment: environment))
        }
    }
}

extension Options {
    fileprivate init(_ arguments: [ByteString], environment: (ByteString) -> ByteString?) throws(DaemonFailure) {
        let isForeground = arguments.count == 2 && (arguments[0] == "-f" || arguments[0] == "--foreground")
        guard isForeground || arguments.count == 1, let name = arguments.last, name.bytes.first != ASCII.minus
        else { throw .usage }
        self.init(interface: InterfaceName(name))
        isNumbered = TunDevice.isPattern(interface)
        guard isNumbered || TunDevice.isUsable(interface) else { throw .noInterface(.badName(interface)) }
        foreground = isForeground || environment("WG_PROCESS_FOREGROUND") == "1"
        if let level = environment("LOG_LEVEL") { logLevel = Self.level(level) }
        tunDescriptor = try Self.descriptor("WG_TUN_FD", environment)
        uapiDescriptor = try Self.descriptor("WG_UAPI_FD", environment)
        threads = try Self.threads(environment)
        usesOffloads = try Self.isOn("WG_OFFLOADS", environment)
        sandbox = try Self.sandbox(environment)
        cipher = try Self.cipher(environment)
        usesBusyPoll = try Self.isOn("WG_BUSY_POLL", environment)
    }

    /// As wireguard-go reads it: a word that it does not know means errors only.
    private static func level(_ word: ByteString) -> Log.Level {
        switch word {
        case "verbose", "debug": .verbose
        case "silent": .silent
        default: .error
        }
    }

    private static func descriptor(
        _ name: String, _ environment: (ByteString) -> ByteString?
    ) throws(DaemonFailure) -> CInt? {
        guard let value = environment(ByteString(name)), !value.isEmpty else { return nil }
        guard let number: UInt16 = value.span.decimal() else {
            throw .badSetting(name: name, value: value, wanted: "the number of an open descriptor")
        }
        return CInt(number)
    }

    private static func threads(_ environment: (ByteString) -> ByteString?) throws(DaemonFailure) -> Int? {
        guard let value = environment("WG_THREADS"), !value.isEmpty else { return nil }
        guard let number: UInt16 = value.span.decimal(), 1...256 ~= number else {
            throw .badSetting(name: "WG_THREADS", value: value, wanted: "a number from 1 to 256")
        }
        return Int(number)
    }

    private static func isOn(
        _ name: String, _ environment: (ByteString) -> ByteString?
    ) throws(DaemonFailure) -> Bool {
        switch environment(ByteString(name)) {
        case nil, "", "on": return true
        case "off": return false
        case let value?: throw .badSetting(name: name, value: value, wanted: "`on' or `off'")
        }
    }

    private static func sandbox(_ environment: (ByteString) -> ByteString?) throws(DaemonFailure) -> Sandbox.Mode {
        switch environment("WG_SANDBOX") {
        case nil, "", "on": return .on
        case "off": return .off
        case "kill": return .kill
        case let value?: throw .badSetting(name: "WG_SANDBOX", value: value, wanted: "`on', `off' or `kill'")
        }
    }

    private static func cipher(_ environment: (ByteString) -> ByteString?) throws(DaemonFailure) -> CipherKind {
        guard let value = environment("WG_CIPHER"), value != "", value != "auto" else { return .fastest }
        if let kind = CipherKind.available.first(where: { value == ByteString("\($0)") }) { return kind }
        // Another processor may have more.
        let words = CipherKind.available.map { "`\($0)'" }.joined(separator: " or ")
        throw .badSetting(name: "WG_CIPHER", value: value, wanted: "`auto' or \(words)")
    }
}
