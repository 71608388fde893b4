/// The one funnel for system calls: -1 becomes a typed `Errno`, read at once, and an interrupted call is made again.
///
/// Inlinable: each packet goes through it, and in other modules a generic function would stay one.
@inlinable
@discardableResult
package func syscall<N: FixedWidthInteger>(_ call: () -> N) throws(Errno) -> N {
    while true {
        let result = call()
        if result != -1 { return result }
        try throwUnlessInterrupted()
    }
}

@usableFromInline
func throwUnlessInterrupted() throws(Errno) {
    let failure = Errno.last
    if failure != .interrupted { throw failure }
}
