internal import LinuxSystem

/// Which signals keep a command from its next step.
enum StoppingSignals {
    /// A closed pipe too: nobody reads what is said, and the work is taken back.
    case all
    /// Those that somebody sends.
    case requests
    case none

    /// One that came.
    var pending: CInt? {
        switch self {
        case .all: EndRequest.signal ?? EndRequest.closedPipe
        case .requests: EndRequest.signal
        case .none: nil
        }
    }
}
