internal import LinuxSystem

/// The signals that stop a command before its next step.
enum StoppingSignals {
    /// Includes SIGPIPE: nobody reads the output, and the work is undone.
    case all
    /// Signals that ask for the end, without SIGPIPE.
    case requests
    case none

    /// A signal that came.
    var pending: CInt? {
        switch self {
        case .all: EndRequest.signal ?? EndRequest.closedPipe
        case .requests: EndRequest.signal
        case .none: nil
        }
    }
}
