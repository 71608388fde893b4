internal import CFuzzer
internal import Glibc

/// libFuzzer as a library: it calls a test with input after input.
package enum Fuzzer {
    package typealias Test = @convention(c) (_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt

    /// Runs what the command line asks for; comes back only to exit.
    ///
    /// SwiftPM links `main` to the Swift program's own, not to the one that libFuzzer brings, so that the
    /// driver has to be called.
    package static func run(_ test: Test) -> Never {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, test))
    }

    /// Hands `body` a copy of the input, around which the sanitizer sees every step too far.
    package static func test(
        _ start: UnsafePointer<UInt8>?, _ count: Int, _ body: (_ input: [UInt8]) -> Void
    ) -> CInt {
        body(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    }
}

/// What does not hold ends the program, which is how libFuzzer learns of a failure.
package func expect(_ holds: Bool, _ claim: @autoclosure () -> String) {
    guard holds else { fatalError("does not hold: \(claim())") }
}

/// The same for texts that must be alike.
package func expectEqual(_ left: String, _ right: String, _ claim: @autoclosure () -> String) {
    expect(left == right, "\(claim())\n--- one\n\(left)\n--- other\n\(right)\n---")
}

/// An error or warning is one line of bounded length, without bytes that a terminal would obey.
package func expectOneLine(_ message: String) {
    expect(!message.isEmpty, "a message says something")
    expect(message.utf8.count < 1000, "a message ends: \(message.prefix(100))… \(message.utf8.count) bytes")
    let controls = message.unicodeScalars.filter { $0.properties.generalCategory == .control }
    expect(controls.isEmpty, "a message holds no control characters: \(message.debugDescription)")
}
