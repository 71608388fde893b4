internal import ByteText
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardText

/// show and showconf.
enum ShowCommands {
    static func show(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        switch (arguments.first, arguments.count) {
        case ("--help", 1), ("-h", 1), ("help", 1): context.warn(usage(context).description)
        case ("interfaces", 1): try showInterfaces(&context)
        case ("interfaces", _), (_, 3...): throw usage(context)
        case (nil, _), ("all", _): try showAll(arguments.dropFirst().first, &context)
        case (let name?, _): try showOne(InterfaceName(name), arguments.dropFirst().first, &context)
        }
    }

    static func showConfig(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.count == 1 else { throw context.usage("showconf <interface>") }
        context.write(try read(InterfaceName(arguments[0]), context), as: ConfigFormat())
    }

    private static func usage(_ context: borrowing Context) -> CommandFailure {
        let fields = ShowField.allCases.map(\.rawValue).joined(separator: " | ")
        return CommandFailure("Usage: \(context.program) show { <interface> | all | interfaces } [\(fields) | dump]")
    }

    private static func showInterfaces(_ context: inout Context) throws(CommandFailure) {
        let names = try list(context)
        guard !names.isEmpty else { return }
        for (index, name) in names.enumerated() {
            if index > 0 { context.output.buffer.append(ASCII.space) }
            context.output.buffer.append(name.text.span)
        }
        context.output.buffer.append("\n")
    }

    private static func showOne(
        _ name: InterfaceName, _ field: ByteString?, _ context: inout Context
    ) throws(CommandFailure) {
        let device = try read(name, context)
        context.write(device, as: try format(field, ofAll: false, context))
    }

    /// A success if any of the interfaces could be read, or there is none.
    private static func showAll(_ field: ByteString?, _ context: inout Context) throws(CommandFailure) {
        let names = try list(context)
        var failures: [String] = []
        for (index, name) in names.enumerated() {
            let device: Device
            do throws(Errno) {
                device = try context.backend.get(name)
            } catch {
                failures.append("Unable to access interface \(name.text.excerpt): \(error)")
                continue
            }
            context.write(device, as: try format(field, ofAll: true, context))
            if field == nil, index + 1 < names.count { context.output.buffer.append("\n") }
        }
        if !names.isEmpty, failures.count == names.count {
            throw CommandFailure(failures.joined(separator: "\n"))
        }
        for failure in failures { context.warn(failure) }
    }

    private static func list(_ context: borrowing Context) throws(CommandFailure) -> [InterfaceName] {
        do throws(Errno) {
            return try context.backend.list()
        } catch {
            throw CommandFailure("Unable to list interfaces: \(error)")
        }
    }

    private static func read(
        _ name: InterfaceName, _ context: borrowing Context
    ) throws(CommandFailure) -> Device {
        do throws(Errno) {
            return try context.backend.get(name)
        } catch {
            let reason = name.text.count > InterfaceName.longest ? Errno.nameTooLong : error
            throw CommandFailure("Unable to access interface: \(reason)")
        }
    }

    private static func format(
        _ field: ByteString?, ofAll: Bool, _ context: borrowing Context
    ) throws(CommandFailure) -> any DeviceFormat {
        guard let field else { return prettyFormat(context) }
        if field == "dump" { return DumpFormat(namesInterface: ofAll) }
        guard let known = ShowField(rawValue: field.description) else {
            throw CommandFailure("Invalid parameter: \(field.quoted)\n\(usage(context))")
        }
        return FieldFormat(known, namesInterface: ofAll)
    }

    private static func prettyFormat(_ context: borrowing Context) -> PrettyFormat {
        let isColored =
            switch context.environment("WG_COLOR_MODE") {
            case "always": true
            case "never": false
            default: FileKind.isTerminal(StandardStream.output)
            }
        let hidesKeys = context.environment("WG_HIDE_KEYS") != "never"
        return PrettyFormat(colored: isColored, hidesKeys: hidesKeys, now: Clock.wallSeconds())
    }
}

extension Context {
    fileprivate mutating func write(_ device: Device, as format: some DeviceFormat) {
        format.append(interface: device, to: &output.buffer)
        let order = format.order(of: device.peers)
        for place in device.peers.indices {
            if place > 0 { format.appendSeparator(to: &output.buffer) }
            format.append(device.peers[order.map { Int($0[place]) } ?? place], of: device, to: &output.buffer)
            output.flushIfLarge()
        }
    }
}
