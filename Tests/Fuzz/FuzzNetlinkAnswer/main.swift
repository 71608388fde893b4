import FuzzSupport

/// What the kernel says over netlink.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, NetlinkAnswerProperties.check)
}

Fuzzer.run(test)
