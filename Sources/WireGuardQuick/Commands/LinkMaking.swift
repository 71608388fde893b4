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
        guard let daemon = daemon(machine.context) else {
            throw QuickFailure("\(refusal)\n\(cure(machine.context))", status: refusal.status)
        }
        machine.context.warn("Missing WireGuard kernel module. Falling back to userspace: \(daemon)")
        try machine.perform(.startDaemon(daemon))
    }

    private static func cure(_ context: QuickContext) -> String {
        "This kernel has no WireGuard, and there is no program in its place: install the kernel's module (it is part of "
            + "Linux since 5.6; \"modprobe wireguard\"), or wireguard-swift(8) in \(context.programFolder), or name another "
            + "program in WG_QUICK_USERSPACE_IMPLEMENTATION"
    }

    /// The one that the environment names, else our own from the folder that we are in.
    private static func daemon(_ context: QuickContext) -> ByteString? {
        if let named = context.environment("WG_QUICK_USERSPACE_IMPLEMENTATION"), !named.isEmpty { return named }
        let own = context.programFolder + "/wireguard-swift"
        return FileSystem.isExecutable(own) ? own : nil
    }
}
