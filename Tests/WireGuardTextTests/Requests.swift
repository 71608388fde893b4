import TestSupport
import WireGuardModel
import WireGuardText

extension DeviceUpdate {
    /// The lines in which a daemon is told of this, without the first, `set=1`, and the last, an empty one.
    var requestLines: [String] {
        let text = String { text in
            UAPIRequest.appendBeginning(of: self, to: &text)
            for peer in peers { UAPIRequest.append(peer, to: &text) }
            UAPIRequest.appendEnd(to: &text)
        }
        precondition(text.hasPrefix("set=1\n") && text.hasSuffix("\n\n"))
        return text.dropFirst(6).split(separator: "\n").map(String.init)
    }
}
