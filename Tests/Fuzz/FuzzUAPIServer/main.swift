import FuzzSupport

/// What a client says on a daemon's socket. The first byte decides how it is cut into pieces.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, UAPIServerProperties.check)
}

Fuzzer.run(test)
