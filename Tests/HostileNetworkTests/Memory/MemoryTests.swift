import TestSupport
import Testing
import WireGuardKeys
import WireGuardProtocol

extension HostileNetwork {
    /// The memory of a daemon holds no keys of sessions that have ended, in whatever way, and not even parts of them.
    @Suite("The memory of a daemon")
    struct MemoryTests {
        private static let ciphers = CipherKind.available

        @Test("holds a session's keys once while it lives, and not after the link went down", arguments: ciphers)
        func linkDown(_ cipher: CipherKind) async throws {
            try await Self.watch(cipher) { site, peer in
                let (secrets, ephemeral) = try peer.initiate()
                try peer.talk()
                try peer.listen()
                try Self.expect(secrets.sessionKeys, once: cipher != .libcrypto, in: site)
                try Self.expectNone(secrets.transient, in: site)
                try Self.expectNoPrivateKey(of: [ephemeral], in: site)
                try site.setLink("down")
                try Self.expectNone(secrets.sessionKeys, in: site)
            }
        }

        @Test("holds an ephemeral key until its initiation is answered", arguments: ciphers)
        func initiations(_ cipher: CipherKind) async throws {
            try await Self.watch(cipher) { site, peer in
                _ = try site.inner.run { try run("ping", ["-c", "1", "-W", "1", KnownPeer.innerAddress]) }
                let initiation = try peer.initiation()
                let ephemeral = KnownPeer.ephemeral(in: initiation)
                #expect(try !MemoryImage(of: site.pid).privateKeys(of: [ephemeral]).isEmpty)
                let secrets = try peer.answer(initiation)
                try peer.talk()
                try peer.listen()
                try Self.expect(secrets.sessionKeys, once: cipher != .libcrypto, in: site)
                try Self.expectNone(secrets.transient, in: site)
                try Self.expectNoPrivateKey(of: [ephemeral], in: site)
                try site.setLink("down")
                try Self.expectNone(secrets.sessionKeys, in: site)
            }
        }

        @Test("holds no ephemeral key of an initiation that the end of the link left unanswered", arguments: ciphers)
        func unanswered(_ cipher: CipherKind) async throws {
            try await Self.watch(cipher) { site, peer in
                _ = try site.inner.run { try run("ping", ["-c", "1", "-W", "1", KnownPeer.innerAddress]) }
                let ephemeral = KnownPeer.ephemeral(in: try peer.initiation())
                #expect(try !MemoryImage(of: site.pid).privateKeys(of: [ephemeral]).isEmpty)
                try site.setLink("down")
                try Self.expectNoPrivateKey(of: [ephemeral], in: site)
            }
        }

        @Test("holds no keys of a session that others have replaced", arguments: ciphers)
        func replaced(_ cipher: CipherKind) async throws {
            try await Self.watch(cipher) { site, peer in
                let first = try peer.initiate().secrets
                try peer.talk()
                try peer.listen()
                let second = try peer.initiate().secrets
                try peer.talk()
                // The previous session may still be in use.
                try Self.expect(first.sessionKeys + second.sessionKeys, once: cipher != .libcrypto, in: site)
                let third = try peer.initiate().secrets
                try peer.talk()
                try peer.listen()
                try Self.expect(third.sessionKeys, once: cipher != .libcrypto, in: site)
                try Self.expectNone(first.sessionKeys, in: site)
                try Self.expectNone([first, second, third].flatMap(\.transient), in: site)
            }
        }

        @Test("holds nothing of the old private key after a new one was set", arguments: ciphers)
        func privateKeyChanged(_ cipher: CipherKind) async throws {
            try await Self.watch(cipher) { site, peer in
                _ = try peer.initiate()
                try peer.talk()
                try peer.listen()
                _ = try site.dump()
                let old = Secret(
                    "the private key", PrivateKey(base64: Array(try site.ownPrivateKey().utf8).span)!.secret)
                let staticShared = peer.staticShared(with: site.publicKey)
                try Self.expect([old, staticShared], once: true, in: site)
                try Self.expectNoText(of: [old], in: site)
                try site.changePrivateKey()
                // Messages of the session are accepted until it expires, as by the kernel.
                try Self.expectNone([old, staticShared], in: site)
                try Self.expectNoText(of: [old], in: site)
            }
        }

        @Test("holds nothing of a peer that was removed", arguments: ciphers)
        func peerRemoved(_ cipher: CipherKind) async throws {
            try await Self.watch(cipher) { site, peer in
                let secrets = try peer.initiate().secrets
                try peer.talk()
                try peer.listen()
                _ = try site.dump()
                let presharedKey = Secret("the preshared key", peer.presharedKey.secret)
                try Self.expect([presharedKey], once: true, in: site)
                try Self.expectNoText(of: [presharedKey], in: site)
                try site.set("peer", peer.publicKeyText, "remove")
                let staticShared = peer.staticShared(with: site.publicKey)
                try Self.expectNone([presharedKey, staticShared] + secrets.sessionKeys, in: site)
                try Self.expectNoText(of: [presharedKey], in: site)
            }
        }

        // MARK: Parts

        private static func watch(
            _ cipher: CipherKind, _ body: @escaping @Sendable (Site, KnownPeer) throws -> Void
        ) async throws {
            try await Arena.run {
                try ip("link set lo up")
                let site = try Site(1, environment: ["WG_CIPHER": "\(cipher)"])
                try body(site, try KnownPeer(of: site))
                #expect(site.isWell, "\(site.complaints)")
            }
        }

        /// The positive control: keys in use are found, and only at their own place. libcrypto may leave a part of a session's
        /// key on a worker's stack while the session lives.
        private static func expect(_ secrets: [Secret], once: Bool, in site: Site) throws {
            #expect(site.comesToRest())
            var image = try MemoryImage(of: site.pid)
            // A timer may bring a packet while the memory is read, and libcrypto has a copy of the key for that long.
            for _ in 0..<4 where once && secrets.contains(where: { $0.places(in: image).count > 4 }) {
                #expect(site.comesToRest())
                image = try MemoryImage(of: site.pid)
            }
            for secret in secrets {
                let places = secret.places(in: image)
                #expect(places.count >= 4, "\(secret.name) is not in \(image.byteCount) bytes of memory")
                #expect(!once || places.count <= 4, "\(places)")
            }
        }

        private static func expectNone(_ secrets: [Secret], in site: Site) throws {
            #expect(site.comesToRest())
            let places = secrets.places(in: try MemoryImage(of: site.pid))
            #expect(places.isEmpty, "\(places)")
        }

        private static func expectNoText(of secrets: [Secret], in site: Site) throws {
            #expect(site.comesToRest())
            let places = secrets.textPlaces(in: try MemoryImage(of: site.pid))
            #expect(places.isEmpty, "\(places)")
        }

        private static func expectNoPrivateKey(of publicKeys: Set<PublicKey>, in site: Site) throws {
            #expect(site.comesToRest())
            let places = try MemoryImage(of: site.pid).privateKeys(of: publicKeys)
            #expect(places.isEmpty, "ephemeral private key in \(places)")
        }
    }
}
