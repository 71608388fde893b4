internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem

/// `wg-quick save`: brings the file to what the interface is now.
enum SaveCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(reading: name)
        var machine = try Machine(for: name.interface, context)
        if let namespace = RunState(of: name.interface, context).namespace { try machine.enter(namespace) }
        try save(file, &machine)
    }

    /// A file that says it all already is not written.
    static func save(_ file: borrowing QuickFile, _ machine: inout Machine) throws(QuickFailure) {
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
