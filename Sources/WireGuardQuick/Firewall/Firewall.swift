internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// Rules of the packet filter for a default route of one address family.
///
/// The tunnel's own packets get back in by the mark that they left with: it is kept with the connection and
/// restored on what answers, so that the reverse path filter looks into the right table. And nobody on another link
/// may speak to the addresses that only the tunnel should bring packets for.
struct Firewall: Equatable {
    let raising: FirewallChange
    let lowering: FirewallChange
}

/// One run of a packet filter's program, with what it reads.
struct FirewallChange: Equatable {
    /// As it is announced.
    let command: String
    let arguments: [ByteString]
    let input: ByteString

    var program: Program {
        var program = Program(arguments[0], Array(arguments.dropFirst()))
        program.input = .bytes(input)
        return program
    }
}

/// What a firewall is made of.
struct FirewallPlan {
    let name: InterfaceName
    let family: IPAddress.Family
    let mark: UInt32
    /// The interface's own.
    let addresses: [IPAddress]
}
