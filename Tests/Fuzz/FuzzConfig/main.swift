import FuzzSupport

/// A configuration file.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, ConfigProperties.check)
}

Fuzzer.run(test)
