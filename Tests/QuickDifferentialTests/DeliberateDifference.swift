/// Something that ours does otherwise than the reference, and why.
struct DeliberateDifference: Sendable {
    let reason: String
    /// Where it shows: cases by name, and aspects of their steps.
    let cases: Set<String>
    let aspects: Set<String>

    static let all: [DeliberateDifference] = []

    func explains(_ difference: Difference, of scene: Case) -> Bool {
        cases.contains(scene.name) && aspects.contains(difference.aspect)
    }
}
