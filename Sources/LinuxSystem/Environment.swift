package import ByteText
internal import Glibc

package enum Environment {
    package static func value(_ name: ByteString) -> ByteString? {
        name.withCString { getenv($0) }.map { ByteString(cString: $0) }
    }
}
