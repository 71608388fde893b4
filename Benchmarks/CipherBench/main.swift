import BenchSupport
import WireGuardProtocol

/// Nanoseconds a packet.
struct Cost {
    let seal, open: Double
}

/// All kinds of cipher in turn, so that a busy machine treats them alike.
func measure(_ batch: borrowing Batch) -> [Cost] {
    var watches = CipherKind.available.map { (kind: $0, seal: Stopwatch(), open: Stopwatch()) }
    for _ in 0..<150 {
        for index in watches.indices {
            var cipher = PacketCipher(watches[index].kind)
            for _ in 0..<20 {
                watches[index].seal.time { batch.seal(&cipher) }
                watches[index].open.time { batch.open(&cipher) }
            }
        }
    }
    return watches.map {
        Cost(seal: $0.seal.nanoseconds(each: batch.count), open: $0.open.nanoseconds(each: batch.count))
    }
}

/// How many times as fast as libcrypto, in brackets.
func cell(_ cost: Double, _ libcrypto: Double) -> String {
    cost == libcrypto ? "\(Int(cost))" : "\(Int(cost)) (\(tenths(libcrypto / cost)))"
}

let kinds = CipherKind.available
print("| bytes | packets |" + kinds.map { " \($0) seals, ns each | opens |" }.joined())
print("|--:|--:|" + String(repeating: "--:|", count: 2 * kinds.count))
for size in [0, 64, 576, 1424] {
    for count in [1, 2, 4, 8, 16, 44, 64] {
        let costs = measure(Batch(count: count, size: size))
        let libcrypto = costs.last!
        let cells = costs.map { " \(cell($0.seal, libcrypto.seal)) | \(cell($0.open, libcrypto.open)) |" }
        print("| \(size) | \(count) |" + cells.joined())
    }
}
