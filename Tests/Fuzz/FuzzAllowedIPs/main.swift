import FuzzSupport

/// Lists of allowed-ips, a line each.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, AllowedIPsProperties.check)
}

Fuzzer.run(test)
