internal import Glibc

/// A failure as the kernel reports it.
@usableFromInline
package struct Errno: Error, Equatable, Sendable {
    package let code: CInt

    package init(_ code: CInt) { self.code = code }

    /// The failure of the call just made on this thread.
    package static var last: Errno { Errno(errno) }

    package static let notFound = Errno(ENOENT)
    package static let isDirectory = Errno(EISDIR)
    package static let noDevice = Errno(ENODEV)
    package static let connectionRefused = Errno(ECONNREFUSED)
    /// What a TUN queue says when its interface was deleted.
    package static let badDescriptorState = Errno(EBADFD)
    package static let interrupted = Errno(EINTR)
    package static let tryAgain = Errno(EAGAIN)
    package static let invalidArgument = Errno(EINVAL)
    package static let notSupported = Errno(EOPNOTSUPP)
    /// EAFNOSUPPORT: the kernel was built or started without the address family.
    package static let familyNotSupported = Errno(EAFNOSUPPORT)
    package static let protocolNotSupported = Errno(EPROTONOSUPPORT)
    package static let protocolError = Errno(EPROTO)
    package static let messageTooLong = Errno(EMSGSIZE)
    package static let nameTooLong = Errno(ENAMETOOLONG)
    package static let exists = Errno(EEXIST)
    package static let notPermitted = Errno(EPERM)
    /// EACCES.
    package static let accessDenied = Errno(EACCES)
    /// What the kernel says of a route to be removed that is not there.
    package static let noProcess = Errno(ESRCH)
    package static let addressNotAvailable = Errno(EADDRNOTAVAIL)
    package static let networkUnreachable = Errno(ENETUNREACH)
}

extension Errno: CustomStringConvertible {
    @usableFromInline
    package var description: String { String(cString: strerror(code)) }
}
