import FuzzSupport

/// A batch: how its packets lie, and what is turned round in them.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.test(start, count, PacketCipherProperties.check)
}

Fuzzer.run(test)
