# Prints, for each line of $REPORT/lines, the line itself and its candidates with their descriptions.

source $COMPLETIONS/wg.fish
source $COMPLETIONS/wg-quick.fish
source $COMPLETIONS/wireguard-swift.fish
cd $REPORT/files
while read -l line
    printf '> %s\n' $line
    complete -C $line
end <$REPORT/lines
