internal import CLinux
package import LinuxSystem

/// What the process may do.
package enum Privileges {
    /// Gives up, for good, all but what the tunnel still needs once its interface is there: CAP_NET_ADMIN for
    /// marks, buffers and the interface's settings, and CAP_NET_BIND_SERVICE for a listen port below 1024.
    /// Counts for the calling thread and those that it starts: call it before the others begin.
    package static func drop() throws(Errno) {
        try dropCapabilities()
        try syscall { clinux_forbid_new_privileges() }
        try syscall { clinux_forbid_dumps() }
    }

    package static func dropCapabilities() throws(Errno) {
        let kept = clinux_capability_net_admin | clinux_capability_net_bind_service
        try syscall { clinux_keep_capabilities(kept) }
    }
}
