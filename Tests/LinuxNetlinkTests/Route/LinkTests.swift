import ByteText
import CLinux
import Glibc
import LinuxNetlink
import LinuxSystem
import TestSupport
import Testing
import WireGuardModel

@Suite(.enabled(if: Arena.isPossible, "takes root, or a user namespace")) struct LinkTests {
    @Test func linksAreMadeAndSetAsIPDoes() async throws {
        let commands = [
            "link add bridge7 type bridge", "link set bridge7 mtu 1380", "link set mtu 1420 up dev end",
            "link add fifteen-letters type bridge",
        ]
        let states = try await Stage.twins(isUp: false, commands: commands) { stage in
            try stage.conversation.addLink("bridge7", kind: "bridge")
            let bridge = try #require(try stage.conversation.link(named: "bridge7")).index
            try stage.conversation.setLink(bridge, mtu: 1380)
            try stage.conversation.setLink(stage.end, mtu: 1420, isUp: true)
            try stage.conversation.addLink("fifteen-letters", kind: "bridge")
            try stage.conversation.addLink("gone", kind: "bridge")
            try stage.conversation.deleteLink(try #require(try stage.conversation.link(named: "gone")).index)
        }
        #expect(states.ours == states.reference)
    }

    @Test func linksAreReadAsIPReadsThem() async throws {
        try await Stage.run { stage in
            try IPProgram.run("link add bridge7 mtu 1300 type bridge")
            for link in try stage.conversation.links() {
                let reference = try #require(try IPProgram.json("-d link show dev \(link.name)").first)
                #expect(link.index == reference["ifindex"] as? Int32)
                #expect(link.mtu == reference["mtu"] as? UInt32)
                #expect(link.isUp == (reference["flags"] as? [String])?.contains("UP"))
                let kind = (reference["linkinfo"] as? [String: Any])?["info_kind"] as? String
                #expect(link.kind?.description == kind)
                #expect(try stage.conversation.link(named: link.name)?.index == link.index)
                #expect(try stage.conversation.link(index: link.index)?.name == link.name)
            }
            #expect(try Set(stage.conversation.links().map(\.name)) == ["lo", "end", "other", "bridge7"])
            #expect(try Set(stage.conversation.links(kind: "veth").map(\.name)) == ["end", "other"])
            #expect(try stage.conversation.links(kind: "bridge").map(\.mtu) == [1300])
            #expect(try stage.conversation.links(kind: "nonsense").isEmpty)
        }
    }

    @Test func whatIsNotThereIsNil() async throws {
        try await Stage.run { stage in
            for name in ["absent", "", "sixteen-letters-", "a/b", " "] as [InterfaceName] {
                let link = try stage.conversation.link(named: name)
                #expect(link == nil, "\(name)")
            }
            let link = try stage.conversation.link(index: 9999)
            #expect(link == nil)
        }
    }

    @Test func refusalsAreTold() async throws {
        try await Stage.run { stage in
            #expect(throws: Errno.notSupported) { try stage.conversation.addLink("new", kind: "nonsense") }
            #expect(stage.conversation.explanation == "Unknown device type")
            #expect(throws: Errno.exists) { try stage.conversation.addLink("end", kind: "bridge") }
            for name in ["", "sixteen-letters-", "a/b", "a b", ".", ".."] as [InterfaceName] {
                #expect(throws: Errno.invalidArgument) { try stage.conversation.addLink(name, kind: "bridge") }
            }
            #expect(throws: Errno.noDevice) { try stage.conversation.deleteLink(9999) }
            #expect(throws: Errno.noDevice) { try stage.conversation.setLink(9999, isUp: true) }
            #expect(throws: Errno.invalidArgument) { try stage.conversation.setLink(stage.end, mtu: 1 << 20) }
            let links = try stage.conversation.links()
            #expect(links.count == 3)
        }
    }

    /// A refusal's words are not those of the next one that has none.
    @Test func explanationIsOfTheLastRequest() async throws {
        try await Stage.run { stage in
            #expect(throws: Errno.notSupported) { try stage.conversation.addLink("new", kind: "nonsense") }
            #expect(throws: Errno.noDevice) { try stage.conversation.deleteLink(9999) }
            #expect(stage.conversation.explanation == nil)
        }
    }

    @Test func linksMoveToOtherNamespaces() async throws {
        try await Stage.run { stage in
            try IPProgram.run("netns add elsewhere")
            let elsewhere = try LinuxSystem.NetworkNamespace(named: "elsewhere")
            try stage.conversation.moveLink(stage.end, to: elsewhere)
            #expect(try stage.conversation.link(named: "end") == nil)
            let found = try elsewhere.run { () throws(Errno) in
                var conversation = try RouteConversation()
                return try conversation.link(named: "end")
            }
            #expect(found?.kind == "veth")
            #expect(found?.isUp == false)
            #expect(try stage.conversation.link(named: "other") != nil, "we are back")
            try IPProgram.run("netns delete elsewhere")
        }
    }

    @Test func conversationsStayInTheirNamespace() async throws {
        try await Stage.run { stage in
            try IPProgram.run("netns add elsewhere")
            let elsewhere = try LinuxSystem.NetworkNamespace(named: "elsewhere")
            try elsewhere.enter()
            #expect(try stage.conversation.link(named: "end") != nil)
            var conversation = try RouteConversation()
            #expect(try conversation.links().map(\.name) == ["lo"])
            try IPProgram.run("netns delete elsewhere")
        }
    }

    /// Capabilities belong to a thread, and each test has its own.
    @Test func whoMayNotIsToldSo() async throws {
        try await Stage.run { stage in
            #expect(clinux_keep_capabilities(0) == 0)
            #expect(throws: Errno.notPermitted) { try stage.conversation.addLink("new", kind: "bridge") }
            #expect(throws: Errno.notPermitted) { try stage.conversation.setLink(stage.end, isUp: false) }
            #expect(throws: Errno.notPermitted) { try stage.conversation.addRule(.mainWithoutDefault(.v4)) }
            #expect(throws: Errno.notPermitted) {
                try stage.conversation.addRoute(Route(to: AllowedIP("10.0.0.0/8"), device: stage.end))
            }
            let links = try stage.conversation.links()
            #expect(links.count == 3, "all may look")
        }
    }
}
