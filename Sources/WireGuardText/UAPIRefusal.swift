internal import Glibc

/// Why a daemon does not do what a request asks for.
package enum UAPIRefusal: Error {
    /// A line that has no equals sign.
    case malformedLine
    /// A key that is not known where it stands, or a value that is not what its key wants.
    case invalidField
    /// A line, or a whole request, beyond what a daemon takes.
    case tooLong
    /// The client ended its side in the middle of a request.
    case cutOff

    /// As the answer's errno line tells it, without its sign. EPROTO and EINVAL are what wireguard-go answers.
    package var code: Int32 {
        switch self {
        case .malformedLine, .cutOff: EPROTO
        case .invalidField: EINVAL
        case .tooLong: EMSGSIZE
        }
    }
}
