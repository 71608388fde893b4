# fish completion for wireguard-swift(8), the WireGuard tunnel in userspace. The interface is a new name, for
# which there is nothing to offer.

complete -c wireguard-swift -f
complete -c wireguard-swift -n 'test (count (commandline -opc)) -eq 1' -s f -l foreground -d 'Stay with the terminal'
complete -c wireguard-swift -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'Show the usage'
complete -c wireguard-swift -n 'test (count (commandline -opc)) -eq 1' -l version -d 'Show the version'
