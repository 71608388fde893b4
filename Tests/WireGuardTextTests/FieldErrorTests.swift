import ByteText
import Testing
import WireGuardText

@Suite("Messages")
struct FieldErrorTests {
    /// wg's own words, for scripts that look for them; what is behind them is ours.
    @Test(
        "are wg's",
        arguments: [
            (.unexpectedWord("word"), "Invalid argument: `word'"), (.unexpectedWord(""), "Invalid argument: `'"),
            (.badPublicKey("x"), "Key is not the correct length or format: `x'"),
            (.badSecretKey, "Key is not the correct length or format"),
            (
                .keyFileUnreadable(path: "f", reason: "No such file or directory"),
                "Unable to read key file `f': No such file or directory"
            ),
            (.keyFileTooShort(path: "f"), "Invalid length key in key file: `f'"),
            (.keyFileTrailingBytes(path: "f"), "Found trailing character in key file: `f'"),
            (.emptyPort, "Unable to parse empty port"), (.badPort("x", reason: "Servname"), "Servname: `x'"),
            (.badFwmark("x"), "Fwmark is neither 0/off nor 0-0xffffffff: `x'"),
            (.badKeepalive("x"), "Persistent keepalive interval is neither 0/off nor 1-65535: `x'"),
            (.badAddress("x"), "Unable to parse IP address: `x'"),
            (.badAllowedIP("x"), "AllowedIP is not in the correct format: `x'"),
            (.emptyEndpoint, "Unable to parse empty endpoint"),
            (.endpointWithoutBrace("x"), "Unable to find matching brace of endpoint: `x'"),
            (.endpointWithoutPort("x"), "Unable to find port of endpoint: `x'"),
            (.unresolvedEndpoint("x", reason: "Name or service not known"), "Name or service not known: `x'"),
            (.badRetries("x"), "Unable to parse WG_ENDPOINT_RESOLUTION_RETRIES: `x'"),
        ] as [(FieldError, String)])
    func messages(_ error: FieldError, _ message: String) { #expect("\(error)" == message) }
}
