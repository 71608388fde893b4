/// A symmetric key that two peers mix into their handshakes. All zero means that there is none.
package struct PresharedKey: SecretKey {
    package let secret: SecretBytes

    package init(secret: SecretBytes) { self.secret = secret }

    package static func generate() -> PresharedKey { PresharedKey(secret: randomSecret()) }
}
