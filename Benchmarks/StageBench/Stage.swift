import BenchSupport

/// Something that is done to `count` packets in one go, and the least that would have to be done.
struct Stage {
    let name: String
    let floorName: String
    let count: Int
    let body: () -> Void
    let floor: () -> Void
    /// Makes ready what `body` uses up; its time does not count.
    var prepare: () -> Void = {}

    /// In nanoseconds a packet, both in turn, so that a busy machine treats them alike.
    func measure() -> (time: Double, floor: Double) {
        var watches = (Stopwatch(), Stopwatch())
        for _ in 0..<5000 {
            prepare()
            watches.0.time(body)
            watches.1.time(floor)
        }
        return (watches.0.nanoseconds(each: count), watches.1.nanoseconds(each: count))
    }
}

/// Keeps the optimizer from leaving out what nobody looks at.
@inline(never)
@_optimize(none)
func use<Value>(_: Value) {}
