internal import ByteText
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardText

/// `wg set`: all of its arguments are understood before anything is changed.
enum SetCommand {
    static func run(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.count >= 2 else {
            throw context.usage(
                """
                set <interface> [listen-port <port>] [fwmark <mark>] [private-key <file path>] \
                [peer <base64 public key> [remove] [preshared-key <file path>] [endpoint <ip>:<port>] \
                [persistent-keepalive <interval seconds>] \
                [allowed-ips [+|-]<ip1>/<cidr1>[,[+|-]<ip2>/<cidr2>]...] ]...
                """)
        }
        let update: DeviceUpdate
        do throws(FieldError) {
            update = try SetArguments.parse(
                Array(arguments.dropFirst()), for: InterfaceName(arguments[0]), sources: context.sources)
        } catch {
            throw CommandFailure(error)
        }
        try context.apply(update)
    }
}

extension Context {
    func apply(_ update: DeviceUpdate) throws(CommandFailure) {
        do throws(Errno) {
            try backend.set(update)
        } catch {
            throw CommandFailure("Unable to modify interface: \(error)")
        }
    }
}
