internal import Glibc

/// Descriptors that a program begins with.
package enum StandardStream {
    package static let input = STDIN_FILENO
    package static let output = STDOUT_FILENO
}
