internal import ByteText
internal import LinuxSystem

/// Makes the link: of the kernel's WireGuard, else of a program's.
enum LinkMaking {
    static func makeLink(_ machine: inout Machine) throws(QuickFailure) {
        let refusal: QuickFailure
        do throws(QuickFailure) {
            return try machine.perform(.addLink)
        } catch {
            if error.cause != .notSupported { throw error }
            refusal = error
        }
        guard let daemon = daemon(machine.context) else { throw refusal }
        machine.context.warn("Missing WireGuard kernel module. Falling back to userspace: \(daemon)")
        try machine.perform(.startDaemon(daemon))
    }

    /// The one that the environment names, else our own from the folder that we are in.
    private static func daemon(_ context: QuickContext) -> ByteString? {
        if let named = context.environment("WG_QUICK_USERSPACE_IMPLEMENTATION"), !named.isEmpty { return named }
        let own = context.programFolder + "/wireguard-swift"
        return FileSystem.isExecutable(own) ? own : nil
    }
}
