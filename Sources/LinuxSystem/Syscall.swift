internal import Glibc

/// The one funnel for system calls: -1 becomes a typed `Errno`, read at once, and an interrupted call is made again.
@discardableResult
package func syscall<N: FixedWidthInteger>(_ call: () -> N) throws(Errno) -> N {
    while true {
        let result = call()
        if result != -1 { return result }
        let failure = Errno.last
        if failure != .interrupted { throw failure }
    }
}
