import FuzzSupport

/// What a daemon says on its socket.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, UAPIAnswerProperties.check)
}

Fuzzer.run(test)
