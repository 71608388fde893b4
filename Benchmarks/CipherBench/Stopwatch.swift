/// The least time that something took: on a busy machine what disturbs only adds.
struct Stopwatch {
    private let clock = ContinuousClock()
    private var least = Duration.seconds(1000)

    mutating func time(_ body: () -> Void) {
        let start = clock.now
        body()
        least = min(least, start.duration(to: clock.now))
    }

    /// Nanoseconds for each of `count`.
    func nanoseconds(each count: Int) -> Double { Double(least.components.attoseconds) / 1e9 / Double(count) }
}
