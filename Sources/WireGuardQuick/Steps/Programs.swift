internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

extension Step {
    /// The program that does the step's work; nil where the kernel is asked without one.
    func program(for name: InterfaceName, _ context: QuickContext) -> Program? {
        switch self {
        case .startDaemon(let path): Program(path, [name.text])
        case .raiseFirewall(let firewall): firewall.raising.program
        case .lowerFirewall(let firewall): firewall.lowering.program
        case .setDNS(let resolver, let settings): resolver.setting(settings, for: name)
        case .unsetDNS(let resolver): resolver.unsetting(for: name)
        case .hook(let command): hook(command, context)
        default: nil
        }
    }

    var isProgram: Bool {
        switch self {
        case .startDaemon, .raiseFirewall, .lowerFirewall, .setDNS, .unsetDNS, .hook: true
        default: false
        }
    }

    /// Fails with the first of its commands that fails. Finds the programs that came with this one first.
    ///
    /// An argument has 128 KiB at most, and standard input is the user's: the hook is passed in a file of its own,
    /// whose descriptor is closed before the hook runs.
    private func hook(_ command: ByteString, _ context: QuickContext) -> Program {
        let read: ByteString = "IFS= read -rd '' -u $1 hook; "
        let start = read + "eval \"$hook\"; " + read + "eval \"exec $1<&-\"; set --; eval \"$hook\""
        var program = Program("bash", ["-e", "-o", "pipefail", "-O", "extglob", "-c", start, context.programPath])
        let end = ByteString([0])
        program.handed = context.hookPrelude + end + command + end
        let path = context.programFolder + ":" + (context.environment("PATH") ?? Environment.usualPath)
        program.environment = Environment.all(replacing: [("PATH", path), ("LC_ALL", "C")])
        program.passesEndRequests = true
        return program
    }
}
