import TestSupport
import Testing

/// A line as typed up to the cursor, and the words that its last word may become.
struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let words: [String]
    var testDescription: String { "[\(line)]" }

    init(_ line: String, _ words: [String]) {
        self.line = line
        self.words = words.sorted()
    }
}

private let (anna, bert, cleo) = (FakeWG.anna, FakeWG.bert, FakeWG.cleo)
private let setAnna = "wg set wg0 peer \(anna) "
private let interfaces = ["wg0", "tunnel"]

/// What every shell must answer when `wg` does.
private let cases: [Case] = [
    // The first word.
    Case("wg ", Vocabulary.subcommands),
    Case("wg s", ["show", "showconf", "set", "setconf", "syncconf"]),
    Case("wg show", ["show", "showconf"]),
    Case("wg -", Vocabulary.options),
    Case("wg --v", ["--version"]),
    Case("wg nonsense", []),
    Case("wg nonsense ", []),
    Case("wg help ", []),
    Case("wg genkey ", []),
    Case("wg genpsk ", []),
    Case("wg pubkey ", []),

    // show and showconf.
    Case("wg show ", interfaces + ["all", "interfaces"]),
    Case("wg show w", ["wg0"]),
    Case("wg show wg0 ", Vocabulary.fields),
    Case("wg show all p", ["public-key", "private-key", "peers", "preshared-keys", "persistent-keepalive"]),
    Case("wg show interfaces ", []),
    Case("wg show wg0 peers ", []),
    Case("wg showconf ", interfaces),
    Case("wg showconf wg0 ", []),

    // The programs that take a file.
    Case("wg setconf ", interfaces),
    Case("wg addconf t", ["tunnel"]),
    Case("wg syncconf ", interfaces),
    Case("wg setconf wg0 w", ["wg0.conf"]),
    Case("wg addconf wg0 ../files/wg", ["../files/wg0.conf"]),
    Case("wg syncconf wg0 nothing", []),
    Case("wg setconf wg0 wg0.conf ", []),

    // set: the interface.
    Case("wg set ", interfaces),
    Case("wg set wg0 ", Vocabulary.interfaceParameters),
    Case("wg set wg0 listen-port ", []),
    Case("wg set wg0 listen-port 51820 ", ["fwmark", "private-key", "peer"]),
    Case("wg set wg0 fwmark ", ["off"]),
    Case("wg set wg0 fwmark off listen-port 1 p", ["private-key", "peer"]),
    Case("wg set wg0 fwmark peer ", ["listen-port", "private-key", "peer"]),
    Case("wg set wg0 private-key pri", ["private key"]),
    Case("wg set wg0 private-key private\\ key ", ["listen-port", "fwmark", "peer"]),

    // set: a peer and what belongs to it.
    Case("wg set wg0 peer ", [anna, bert, cleo]),
    Case("wg set wg0 peer B", [bert]),
    Case("wg set wg0 peer \(anna.dropLast())", [anna]),
    Case("wg set tunnel peer ", []),
    Case(setAnna, Vocabulary.peerParameters),
    Case(setAnna + "p", ["preshared-key", "persistent-keepalive", "peer"]),
    Case(setAnna + "remove ", ["peer"]),
    Case(setAnna + "preshared-key sh", ["shared.psk"]),
    Case(setAnna + "preshared-key shared.psk ", ["endpoint", "persistent-keepalive", "allowed-ips", "peer"]),
    Case(setAnna + "persistent-keepalive ", ["off"]),
    Case(setAnna + "persistent-keepalive 25 allowed-ips 10.9.0.0/24 ", ["preshared-key", "endpoint", "peer"]),
    Case(setAnna + "endpoint ", ["[2001:db8::1]:51820"]),
    Case("wg set wg0 peer \(bert) endpoint 192.0.2.7:5", ["192.0.2.7:51821"]),
    Case("wg set wg0 peer \(cleo) endpoint ", []),

    // set: several peers.
    Case(setAnna + "peer ", [bert, cleo]),
    Case(setAnna + "remove peer ", [bert, cleo]),
    Case(setAnna + "remove peer \(bert) ", Vocabulary.peerParameters),
    Case(setAnna + "endpoint 192.0.2.1:7 peer \(bert) endpoint ", ["192.0.2.7:51821"]),

    // Allowed IPs: all that the peer has, to keep or to remove, until the list shows which is meant.
    Case(
        setAnna + "allowed-ips ",
        ["10.0.0.0/24", "10.1.0.0/24", "fd00:1::/64", "-10.0.0.0/24", "-10.1.0.0/24", "-fd00:1::/64"]),
    Case(setAnna + "allowed-ips -", ["-10.0.0.0/24", "-10.1.0.0/24", "-fd00:1::/64"]),
    Case(setAnna + "allowed-ips fd00:", ["fd00:1::/64"]),
    Case(setAnna + "allowed-ips 10.1.0.0/24,f", ["10.1.0.0/24,fd00:1::/64"]),
    Case(setAnna + "allowed-ips 10.1.0.0/24,fd00:1::/64,", ["10.1.0.0/24,fd00:1::/64,10.0.0.0/24"]),
    Case(
        setAnna + "allowed-ips -10.0.0.0/24,", ["-10.0.0.0/24,-10.1.0.0/24", "-10.0.0.0/24,-fd00:1::/64"]),
    Case(setAnna + "allowed-ips +10.2.0.0/24,-f", ["+10.2.0.0/24,-fd00:1::/64"]),
    Case("wg set wg0 peer \(cleo) allowed-ips ", []),

    // wg-quick: its words, the interfaces that there are, and files. What the machine has is in `named`.
    Case("wg-quick ", Vocabulary.quickCommands),
    Case("wg-quick s", ["save", "strip"]),
    Case("wg-quick -", ["-h", "--help"]),
    Case("wg-quick nonsense ", []),
    Case("wg-quick help ", []),
    Case("wg-quick down ", interfaces),
    Case("wg-quick down t", ["tunnel"]),
    Case("wg-quick save ", interfaces),
    Case("wg-quick reload ", interfaces),
    Case("wg-quick reresolve ", interfaces),
    Case("wg-quick reresolve -", ["--dry-run"]),
    Case("wg-quick reresolve --dry-run ", interfaces),
    Case("wg-quick save -", []),
    Case("wg-quick down wg0 ", []),
    Case("wg-quick up -", Vocabulary.quickOptions),
    Case("wg-quick up --dry-run -", ["--netns", "--tolerant"]),
    Case("wg-quick up --netns=office -", ["--dry-run", "--tolerant"]),
    Case("wg-quick up --netns office -", ["--dry-run", "--tolerant"]),
    Case("wg-quick up wg0 --t", ["--tolerant"]),
    Case("wg-quick up --tolerant wg0 ", []),
    Case("wg-quick down -", ["--dry-run"]),
    Case("wg-quick down --dry-run ", interfaces),
    Case("wg-quick reload -", ["--dry-run", "--tolerant"]),
    Case("wg-quick reload --dry-run -", ["--tolerant"]),
    Case("wg-quick up ../files/wg", ["../files/wg0.conf"]),
    Case("wg-quick strip ../files/wg", ["../files/wg0.conf"]),
    Case("wg-quick up --netns ../files/sh", ["../files/shared.psk"]),
    Case("wg-quick up wg0 ../files/wg", []),

    // The daemon.
    Case("wireguard-swift ", []),
    Case("wireguard-swift -", Vocabulary.daemonOptions),
    Case("wireguard-swift --f", ["--foreground"]),
    Case("wireguard-swift w", []),
    Case("wireguard-swift -f ", []),
    Case("wireguard-swift -f -", []),
    Case("wireguard-swift wg0 ", []),
    Case("wireguard-swift wg0 -", []),

    // Around the command.
    Case("FOO=1 wg showconf ", interfaces),
    Case("true; wg showconf ", interfaces),
    Case("wg   set  wg0   peer  C", [cleo]),
]

/// With a machine that has files for interfaces, of which one is there, and network namespaces.
private let namedCases: [Case] = [
    Case("wg-quick up ", ["home", "office"]),
    Case("wg-quick up h", ["home"]),
    Case("wg-quick strip ", ["home", "office", "wg0"]),
    Case("wg-quick down ", interfaces),
    Case("wg-quick up --netns ", ["blue", "green"]),
    Case("wg-quick up --netns g", ["green"]),
    Case("wg-quick up --netns green ", ["home", "office"]),
    Case("wg-quick up --tolerant --netns ", ["blue", "green"]),
]

/// The same where nothing can be read: only wg's own words are left.
private let poorCases: [Case] = [
    Case("wg ", Vocabulary.subcommands),
    Case("wg show ", ["all", "interfaces"]),
    Case("wg showconf ", []),
    Case("wg set ", []),
    Case("wg set wg0 ", Vocabulary.interfaceParameters),
    Case("wg set wg0 peer ", []),
    Case(setAnna, Vocabulary.peerParameters),
    Case(setAnna + "endpoint ", []),
    Case(setAnna + "allowed-ips ", []),
    Case("wg-quick ", Vocabulary.quickCommands),
    Case("wg-quick down ", []),
    Case("wg-quick up -", Vocabulary.quickOptions),
]

/// One run of a shell over all its cases, shared by the tests that look at it.
private struct Rehearsal: Sendable {
    let outcome: Result<Performance, any Error>
    let cases: [Case]

    init(_ shell: Shell, _ cases: [Case], wg: FakeWG = .answering, startup: String = "", isNamed: Bool = false) {
        outcome = Result { try shell.complete(cases.map(\.line), wg: wg, startup: startup, isNamed: isNamed) }
        self.cases = cases
    }

    func check(_ sample: Case) throws {
        let answers = try outcome.get().answers
        try #require(answers.count == cases.count)
        let index = try #require(cases.firstIndex { $0.line == sample.line })
        #expect(answers[index].map(\.word).sorted() == sample.words)
    }

    func checkAll() throws {
        for sample in cases { try check(sample) }
        try checkManners()
    }

    func checkManners() throws {
        let performance = try outcome.get()
        #expect(performance.complaints == [])
        #expect(performance.calls.allSatisfy { $0.hasPrefix("show ") && !$0.contains("private") })
    }
}

private let bash = Rehearsal(.bash, cases)
private let zsh = Rehearsal(.zsh, cases)
private let fish = Rehearsal(.fish, cases)

@Suite(.enabled(if: Shell.bash.isInstalled, "bash is not installed"))
struct BashCompletion {
    @Test(arguments: cases) func offers(_ sample: Case) throws { try bash.check(sample) }

    @Test func onlyAsksAndPrintsNothing() throws { try bash.checkManners() }

    @Test(arguments: [FakeWG.failing, .missing])
    func staysUsefulAndQuiet(when wg: FakeWG) throws { try checkPoor(.bash, wg: wg) }

    @Test(.enabled(if: Stage.canHaveNames, Stage.namesNeed))
    func offersTheNamesOfTheMachine() throws { try Rehearsal(.bash, namedCases, isNamed: true).checkAll() }

    @Test(.enabled(if: Places.exists(Self.package), "bash-completion is not installed"))
    func livesWithTheBashCompletionPackage() throws {
        try Rehearsal(.bash, cases, startup: "source \(Self.package)").checkAll()
    }

    /// Many users drop "=" and ":" from the characters that end a word.
    @Test func heedsTheUsersWordBreaks() throws {
        try Rehearsal(.bash, cases, startup: "COMP_WORDBREAKS=$' \\t\\n'").checkAll()
    }

    private static let package = "/usr/share/bash-completion/bash_completion"
}

@Suite(.enabled(if: Shell.zsh.isInstalled, "zsh is not installed"))
struct ZshCompletion {
    @Test(arguments: cases) func offers(_ sample: Case) throws { try zsh.check(sample) }

    @Test func onlyAsksAndPrintsNothing() throws { try zsh.checkManners() }

    @Test(arguments: [FakeWG.failing, .missing])
    func staysUsefulAndQuiet(when wg: FakeWG) throws { try checkPoor(.zsh, wg: wg) }

    @Test(.enabled(if: Stage.canHaveNames, Stage.namesNeed))
    func offersTheNamesOfTheMachine() throws { try Rehearsal(.zsh, namedCases, isNamed: true).checkAll() }
}

@Suite(.enabled(if: Shell.fish.isInstalled, "fish is not installed"))
struct FishCompletion {
    @Test(arguments: cases) func offers(_ sample: Case) throws { try fish.check(sample) }

    @Test func onlyAsksAndPrintsNothing() throws { try fish.checkManners() }

    @Test(arguments: [FakeWG.failing, .missing])
    func staysUsefulAndQuiet(when wg: FakeWG) throws { try checkPoor(.fish, wg: wg) }

    @Test(.enabled(if: Stage.canHaveNames, Stage.namesNeed))
    func offersTheNamesOfTheMachine() throws { try Rehearsal(.fish, namedCases, isNamed: true).checkAll() }

    @Test func describesEveryWord() throws {
        let answers = try fish.outcome.get().answers.joined()
        let files =
            ["wg0.conf", "../files/wg0.conf", "private key", "shared.psk"]
            + ["../files/wg0.conf", "../files/wg0.conf", "../files/shared.psk"]
        #expect(answers.filter { $0.description.isEmpty }.map(\.word) == files)
    }
}

private func checkPoor(_ shell: Shell, wg: FakeWG) throws {
    try Rehearsal(shell, poorCases, wg: wg).checkAll()
}
