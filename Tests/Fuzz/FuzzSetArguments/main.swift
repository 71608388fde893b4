import FuzzSupport

/// The arguments of `wg set`, separated by NULs.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, SetArgumentsProperties.check)
}

Fuzzer.run(test)
