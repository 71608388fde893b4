import FuzzSupport

/// Frames of a TUN queue.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, SegmenterProperties.check)
}

Fuzzer.run(test)
