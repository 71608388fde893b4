internal import Glibc

/// Whose rights this program has.
package enum Credentials {
    package static var isRoot: Bool { geteuid() == 0 }
}
