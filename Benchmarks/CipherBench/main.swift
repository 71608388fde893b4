import BenchSupport
import WireGuardProtocol

/// Both ciphers in turn, so that a busy machine treats them alike.
func measure(_ batch: borrowing Batch) -> (ours: (seal: Double, open: Double), theirs: (seal: Double, open: Double)) {
    var ours = PacketCipher()
    var theirs = PacketCipher(usesVectors: false)
    var watches = (Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch())
    for _ in 0..<3000 {
        watches.0.time { batch.seal(&ours) }
        watches.1.time { batch.open(&ours) }
        watches.2.time { batch.seal(&theirs) }
        watches.3.time { batch.open(&theirs) }
    }
    return (
        (watches.0.nanoseconds(each: batch.count), watches.1.nanoseconds(each: batch.count)),
        (watches.2.nanoseconds(each: batch.count), watches.3.nanoseconds(each: batch.count))
    )
}

if PacketCipher.hasVectors {
    print("| packets | bytes | seal, ns each | libcrypto | ratio | open, ns each | libcrypto | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for size in [64, 576, 1424] {
        for count in [1, 2, 4, 8, 16, 44, 64] {
            let (ours, theirs) = measure(Batch(count: count, size: size))
            print(
                "| \(count) | \(size) | \(Int(ours.seal)) | \(Int(theirs.seal)) | \(tenths(theirs.seal / ours.seal)) "
                    + "| \(Int(ours.open)) | \(Int(theirs.open)) | \(tenths(theirs.open / ours.open)) |")
        }
    }
} else {
    print("This processor cannot run our cipher: libcrypto it is.")
}
