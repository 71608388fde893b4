internal import CLinux

package enum Processors {
    /// How many processors this process can use at a time, at least 1: those that it may run on (`taskset`, cpusets),
    /// or fewer where a control group allows it less processor time.
    package static var count: Int { count(allowed: allowed(), quota: ProcessorQuota.current()) }

    /// `allowed` is 0 where it is not known. A quota of 1.5 processors is worth two: threads do not run all the time.
    package static func count(allowed: Int, quota: Double?) -> Int {
        guard let quota, quota < Double(max(allowed, 1)) else { return max(allowed, 1) }
        return max(Int(quota.rounded(.up)), 1)
    }

    /// Those that the calling thread may run on, however many the machine has; 0 where the kernel does not tell.
    /// The room for the first attempt is a parameter for tests.
    package static func allowed(firstRoom: CInt = 128) -> Int { Int(clinux_count_allowed_processors(firstRoom)) }
}
