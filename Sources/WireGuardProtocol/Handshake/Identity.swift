package import WireGuardKeys

/// Who we are.
package struct LocalIdentity: Sendable {
    package let privateKey: PrivateKey
    package let publicKey: PublicKey

    package init(_ privateKey: PrivateKey) { (self.privateKey, publicKey) = (privateKey, privateKey.publicKey) }
}

/// A peer's static public key, and the static-static secret with one private key of ours.
package struct RemoteIdentity: Sendable {
    package let publicKey: PublicKey
    /// Our public key, to which `staticShared` belongs.
    let localPublicKey: PublicKey
    /// The token `ss`, which is the same in all handshakes. Nil if the peer's key is a point of low order: every
    /// handshake then fails.
    let staticShared: SecretBytes?

    package init(_ publicKey: PublicKey, local: LocalIdentity) {
        self.publicKey = publicKey
        localPublicKey = local.publicKey
        staticShared = X25519.sharedSecret(local.privateKey, publicKey)
    }
}

/// What a handshake is for (the paper's section 5.4.5).
package struct SessionKeys: Sendable {
    package let send: SecretBytes
    package let receive: SecretBytes

    package init(send: SecretBytes, receive: SecretBytes) { (self.send, self.receive) = (send, receive) }
}
