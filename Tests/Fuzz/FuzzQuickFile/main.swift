import FuzzSupport

/// A configuration file with wg-quick's keys, then 0xff, then the file of what its interface has become.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, QuickFileProperties.check)
}

Fuzzer.run(test)
