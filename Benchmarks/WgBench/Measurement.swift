import TestSupport

/// What one run of a program took.
struct Measurement {
    /// Seconds from its start until it was reaped.
    let wall: Double
    /// Seconds of user and system time.
    let cpu: Double
    /// Bytes resident at most.
    let memory: Double

    /// From a line of the launcher; a run that failed measures nothing.
    init(launched line: String, running what: String) throws {
        let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == 4 else { throw RunError(description: "\(what) cannot be launched") }
        guard numbers[0] == 0 else { throw RunError(description: "\(what) ends with status \(Int(numbers[0]))") }
        (wall, cpu, memory) = (numbers[1] / 1e9, numbers[2] / 1e6, numbers[3] * 1024)
    }
}

extension [Double] {
    var median: Double {
        let ordered = sorted()
        return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
    }
}
