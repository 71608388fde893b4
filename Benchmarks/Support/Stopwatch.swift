/// The least time that something took: on a busy machine what disturbs only adds.
package struct Stopwatch {
    private let clock = ContinuousClock()
    private var least = Duration.seconds(1000)

    package init() {}

    package mutating func time(_ body: () -> Void) {
        let start = clock.now
        body()
        least = min(least, start.duration(to: clock.now))
    }

    /// Nanoseconds for each of `count`.
    package func nanoseconds(each count: Int) -> Double { Double(least.components.attoseconds) / 1e9 / Double(count) }
}

package func tenths(_ number: Double) -> String { "\(Int(number * 10) / 10).\(Int(number * 10) % 10)" }
