import FuzzSupport

/// Packets of a few flows, five bytes each; see `PacketScript`.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, CoalescerProperties.check)
}

Fuzzer.run(test)
