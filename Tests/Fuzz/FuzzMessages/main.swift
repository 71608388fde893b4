import FuzzSupport

/// Scripts of forged and replayed messages, or messages themselves.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, MessageProperties.check)
}

Fuzzer.run(test)
