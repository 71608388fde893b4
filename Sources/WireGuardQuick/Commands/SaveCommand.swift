internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem

/// `wg-quick save`: brings the file to what the interface is now.
enum SaveCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        var machine = try Machine(for: name.interface, context)
        if let namespace = RunState(of: name.interface, context).namespace { try machine.enter(namespace) }
        try save(name, &machine)
    }

    /// Reads the file and updates it to the state of the interface. Concurrent calls wait for each other: each reads
    /// the file that the one before has written.
    static func save(_ name: ConfigurationName, _ machine: inout Machine) throws(QuickFailure) {
        let lock = try takeLock(machine.context)
        try save(QuickFile(reading: name), &machine)
        _ = consume lock
    }

    /// Nil if its file cannot be made: then no other process holds it.
    private static func takeLock(_ context: QuickContext) throws(QuickFailure) -> FileLock? {
        let path = context.stateFolder + "/save.lock"
        do throws(Errno) {
            try FileSystem.makeFolder(context.stateFolder, mode: 0o700)
            if let lock = try FileLock(at: path, milliseconds: longestLock) { return lock }
        } catch {
            return nil
        }
        throw QuickFailure("Another wg-quick is saving and does not come to an end: it holds \(path)")
    }

    /// Milliseconds. Each of many concurrent saves takes a few.
    private static let longestLock = 20_000

    /// A file that says it all already is not written.
    private static func save(_ file: borrowing QuickFile, _ machine: inout Machine) throws(QuickFailure) {
        let state = try machine.state()
        machine.context.tell("[#] wg showconf \(machine.name)")
        var text = ByteBuffer()
        guard try file.append(savedFor: state, machine.context.sources, to: &text), !machine.isDry else { return }
        do throws(Errno) {
            try FileReplacement.replace(file.name.path, with: text.span)
        } catch {
            throw QuickFailure("Unable to write \(file.name.path): \(error)")
        }
    }
}

extension Machine {
    /// The interface as a file can say it.
    fileprivate mutating func state() throws(QuickFailure) -> InterfaceState {
        let device = try device()
        guard let link = try link() else { throw QuickFailure("`\(name)' is not a WireGuard interface") }
        let addresses = try ask("ip address show dev \(name)") { (network) throws(Errno) in
            try network.addresses(of: link.index)
        }
        return InterfaceState(device: device, addresses: addresses, mtu: link.mtu)
    }
}
