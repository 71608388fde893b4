package import ByteText
package import WireGuardModel

/// What the command line and the environment ask of the daemon.
package struct Options: Equatable, Sendable {
    package var interface: InterfaceName
    /// Stay with the terminal instead of going on in the background.
    package var foreground = false
    package var logLevel = Log.Level.error
    /// WG_TUN_FD: a TUN device that whoever started us has opened.
    package var tunDescriptor: CInt?
    /// WG_UAPI_FD: the same of a socket that listens.
    package var uapiDescriptor: CInt?
    /// WG_THREADS: how many threads carry packets; nil for as many as there are processors.
    package var threads: Int?
    /// WG_OFFLOADS: those of the kernel's that may be used.
    package var offloads = Offloads.all

    package init(interface: InterfaceName) { self.interface = interface }
}

/// Work that the kernel can take over, each to be switched off where a kernel or driver does it wrong.
package struct Offloads: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Many segments in one read or write of the interface: IFF_VNET_HDR with TSO and USO.
    package static let tun = Offloads(rawValue: 1)
    /// Many datagrams in one send: UDP_SEGMENT.
    package static let udpSend = Offloads(rawValue: 2)
    /// Many datagrams in one receive: UDP_GRO.
    package static let udpReceive = Offloads(rawValue: 4)

    package static let all: Offloads = [.tun, .udpSend, .udpReceive]
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
        guard Self.isName(name) else { throw .badName(name) }
        self.init(interface: InterfaceName(name))
        foreground = isForeground || environment("WG_PROCESS_FOREGROUND") == "1"
        if let level = environment("LOG_LEVEL") { logLevel = Self.level(level) }
        tunDescriptor = try Self.descriptor("WG_TUN_FD", environment)
        uapiDescriptor = try Self.descriptor("WG_UAPI_FD", environment)
        threads = try Self.threads(environment)
        offloads = try Self.offloads(environment)
    }

    /// What the kernel takes, without the percent sign, for which it would put a number.
    private static func isName(_ name: ByteString) -> Bool {
        let forbidden = [ASCII.slash, ASCII.colon, UInt8(ascii: "%"), 0]
        return !name.isEmpty && name.count <= InterfaceName.longest && name != "." && name != ".."
            && !name.bytes.contains { ASCII.isSpace($0) || forbidden.contains($0) }
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

    private static func offloads(_ environment: (ByteString) -> ByteString?) throws(DaemonFailure) -> Offloads {
        guard let value = environment("WG_OFFLOADS"), !value.isEmpty, value != "on" else { return .all }
        if value == "off" { return [] }
        var offloads: Offloads = []
        for word in value.bytes.split(separator: ASCII.comma, omittingEmptySubsequences: false) {
            switch ByteString(Array(word)) {
            case "tun": offloads.insert(.tun)
            case "udp-send": offloads.insert(.udpSend)
            case "udp-receive": offloads.insert(.udpReceive)
            default:
                throw .badSetting(
                    name: "WG_OFFLOADS", value: value, wanted: "on, off, or some of tun,udp-send,udp-receive")
            }
        }
        return offloads
    }
}
