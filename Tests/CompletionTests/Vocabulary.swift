/// The words of the command lines of wg, wg-quick and the daemon: what completions offer and the manual explains.
enum Vocabulary {
    static let subcommands = [
        "show", "showconf", "set", "setconf", "addconf", "syncconf", "genkey", "genpsk", "pubkey", "help",
    ]
    static let options = ["-h", "--help", "-v", "--version"]
    static let fields = [
        "public-key", "private-key", "listen-port", "fwmark", "peers", "preshared-keys", "endpoints", "allowed-ips",
        "latest-handshakes", "transfer", "persistent-keepalive", "dump",
    ]
    static let interfaceParameters = ["listen-port", "fwmark", "private-key", "peer"]
    static let peerParameters = [
        "remove", "preshared-key", "endpoint", "persistent-keepalive", "allowed-ips", "peer",
    ]
    static let fileKeys = [
        "PrivateKey", "ListenPort", "FwMark", "PublicKey", "PresharedKey", "AllowedIPs", "Endpoint",
        "PersistentKeepalive",
    ]
    static let environment = ["WG_COLOR_MODE", "WG_HIDE_KEYS", "WG_ENDPOINT_RESOLUTION_RETRIES"]
    static let quickCommands = ["up", "down", "save", "strip", "reload", "reresolve", "help"]
    static let quickOptions = ["--dry-run", "--netns", "--tolerant"]
    static let quickFileKeys = [
        "Address", "DNS", "MTU", "Table", "PreUp", "PostUp", "PreDown", "PostDown", "SaveConfig", "PrivateKeyFile",
        "PresharedKeyFile",
    ]
    static let quickEnvironment = ["WG_ENDPOINT_RESOLUTION_RETRIES", "WG_QUICK_USERSPACE_IMPLEMENTATION"]
    static let daemonOptions = ["-f", "--foreground", "-h", "--help", "--version"]
    static let daemonEnvironment = [
        "LOG_LEVEL", "WG_BUSY_POLL", "WG_CIPHER", "WG_OFFLOADS", "WG_PROCESS_FOREGROUND", "WG_SANDBOX", "WG_THREADS",
        "WG_TUN_FD",
        "WG_UAPI_FD",
    ]
}
