import TestSupport

/// A wg-quick that plays the cases.
struct Contender: Sendable {
    let path: String
    /// Words of `Stage/stage` that come before the case: what is wrong with this one's machine.
    var plant = ""

    static let ours = Contender(path: Places.quick)
    static let reference = Contender(path: Places.peers + "/wg-quick")

    static func reference(with plant: String) -> Contender { Contender(path: reference.path, plant: plant) }
}
