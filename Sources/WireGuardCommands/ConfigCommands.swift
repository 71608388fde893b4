internal import ByteText
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardText

/// setconf, addconf and syncconf: three ways to bring a configuration file to an interface.
enum ConfigCommands {
    static func set(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.count == 2 else { throw context.usage("setconf <interface> <configuration filename>") }
        try context.apply(read(arguments, isWhole: true, context).asWhole())
    }

    static func add(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.count == 2 else { throw context.usage("addconf <interface> <configuration filename>") }
        try context.apply(read(arguments, isWhole: false, context))
    }

    static func synchronize(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.count == 2 else { throw context.usage("syncconf <interface> <configuration filename>") }
        try context.apply(synchronizing(read(arguments, isWhole: true, context), context))
    }

    private static func synchronizing(
        _ file: consuming DeviceUpdate, _ context: borrowing Context
    ) throws(CommandFailure) -> DeviceUpdate {
        if file.peers.isEmpty { return file.asWhole() }
        do throws(Errno) {
            return try Synchronization.update(bringing: context.backend.get(file.name), to: file)
        } catch {
            throw CommandFailure("Unable to retrieve current interface configuration: \(error)")
        }
    }

    private static func read(
        _ arguments: [ByteString], isWhole: Bool, _ context: borrowing Context
    ) throws(CommandFailure) -> DeviceUpdate {
        let file = ConfigFile(arguments[1], isWhole: isWhole)
        return try file.read(for: InterfaceName(arguments[0]), sources: context.sources)
    }
}
