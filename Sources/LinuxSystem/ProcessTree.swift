internal import ByteText
internal import Glibc

/// A process and its descendants that still run.
enum ProcessTree {
    /// Sends a signal to a child of ours and its descendants, parents first: otherwise a shell would go on with its
    /// next command because the current one has ended.
    static func send(_ signal: CInt, to child: CInt) {
        for process in members(child) { kill(process, signal) }
    }

    private static func members(_ root: CInt) -> [CInt] {
        var all = [root]
        var next = 0
        while next < all.count {
            all += children(of: all[next])
            next += 1
        }
        return all
    }

    private static func children(of process: CInt) -> [CInt] {
        guard let text = try? FileSystem.read(ByteString("/proc/\(process)/task/\(process)/children")) else {
            return []
        }
        return text.description.split(separator: " ").compactMap { CInt($0) }
    }
}
