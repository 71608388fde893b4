internal import CLinux

package enum Processors {
    /// How many processors this process can use at a time, at least 1: the affinity mask (`taskset`, cpusets), or fewer
    /// if a cgroup limits its CPU time.
    package static var count: Int { count(allowed: allowed(), quota: ProcessorQuota.current()) }

    /// `allowed` is 0 if it is unknown. A quota of 1.5 processors counts as two: threads do not run all the time.
    package static func count(allowed: Int, quota: Double?) -> Int {
        guard let quota, quota < Double(max(allowed, 1)) else { return max(allowed, 1) }
        return max(Int(quota.rounded(.up)), 1)
    }

    /// The processors that the calling thread may run on, of however many the machine has; 0 if the kernel does not
    /// say. Tests set the room for the first attempt.
    package static func allowed(firstRoom: CInt = 128) -> Int { Int(clinux_count_allowed_processors(firstRoom)) }
}
