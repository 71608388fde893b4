package import ByteText

/// The CPU time that cgroups(7) allow this process, in processors: 1.5 for 150 ms in each 100 ms.
package enum ProcessorQuota {
    /// The least quota of the process's own cgroups and all above them; nil without a limit or a readable file.
    ///
    /// `membership` is the file that lists the cgroups of the process, `mounts` the folder where cgroups are mounted.
    /// In a container the paths may be the host's, while its own cgroup is at the root: cgroups that do not exist count
    /// as without limit.
    package static func current(
        membership: ByteString = "/proc/self/cgroup", mounts: ByteString = "/sys/fs/cgroup"
    ) -> Double? {
        guard let text = try? FileSystem.read(membership) else { return nil }
        return text.bytes.split(separator: ASCII.newline).compactMap { limit(of: $0, mounts) }.min()
    }

    /// A line is `NUMBER:CONTROLLERS:PATH`. In version 2 the number is 0 and the controllers are empty.
    private static func limit(of line: ArraySlice<UInt8>, _ mounts: ByteString) -> Double? {
        let fields = line.split(separator: ASCII.colon, maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        let path = fields[2]
        if fields[1].isEmpty { return least(below: mounts, path, quotaV2) }
        guard fields[1].split(separator: ASCII.comma).contains(where: { $0.elementsEqual("cpu".utf8) }) else {
            return nil
        }
        // The mount is named after the one controller, or after all that share it.
        return [ByteString("cpu"), ByteString(Array(fields[1]))]
            .compactMap { least(below: mounts + "/" + $0, path, quotaV1) }.min()
    }

    /// The least quota of the cgroup at `path` and of each above it, up to the root.
    private static func least(
        below top: ByteString, _ path: ArraySlice<UInt8>, _ quota: (ByteString) -> Double?
    ) -> Double? {
        var group = top
        var least = quota(group)
        for name in path.split(separator: ASCII.slash) {
            group = group + "/" + ByteString(Array(name))
            least = [least, quota(group)].compactMap(\.self).min()
        }
        return least
    }

    /// Reads `cpu.max`: `QUOTA PERIOD` in microseconds, with `max` for no quota.
    private static func quotaV2(_ group: ByteString) -> Double? {
        guard let text = try? FileSystem.read(group + "/cpu.max") else { return nil }
        let words = text.bytes.split { ASCII.isSpace($0) }
        guard words.count == 2 else { return nil }
        return ratio(words[0], words[1])
    }

    /// Reads `cpu.cfs_quota_us`, in which -1 means no quota.
    private static func quotaV1(_ group: ByteString) -> Double? {
        guard let quota = try? FileSystem.read(group + "/cpu.cfs_quota_us"),
            let period = try? FileSystem.read(group + "/cpu.cfs_period_us")
        else { return nil }
        return ratio(quota.bytes.prefix { !ASCII.isSpace($0) }, period.bytes.prefix { !ASCII.isSpace($0) })
    }

    private static func ratio(_ quota: ArraySlice<UInt8>, _ period: ArraySlice<UInt8>) -> Double? {
        let (quota, period) = (ByteString(Array(quota)), ByteString(Array(period)))
        guard let quota: UInt64 = quota.span.decimal(), let period: UInt64 = period.span.decimal(), period > 0
        else { return nil }
        return Double(quota) / Double(period)
    }
}
