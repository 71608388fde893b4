package import ByteText
internal import Glibc

/// A program that takes this one's place, under the same process.
package enum Replacement {
    /// Returns only where that cannot be done, and why. The first argument is its name, looked for in `PATH`.
    package static func become(_ arguments: [ByteString]) -> Errno {
        var words = arguments.map { word in word.withCString { strdup($0) } } + [nil]
        defer { for word in words { free(word) } }
        execvp(words[0]!, &words)
        return .last
    }
}
