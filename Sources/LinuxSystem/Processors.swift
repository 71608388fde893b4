internal import Glibc

package enum Processors {
    /// Those that are at work.
    package static var count: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }
}
