# Read by an interactive zsh on a terminal of its own. At its first prompt it completes each line of
# $REPORT/lines to every candidate at once, puts the result down in $REPORT/answers and leaves.

setopt no_unset
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit
compinit -D -u
zstyle ':completion:*' completer _all_matches _complete
zstyle ':completion:*' insert true

zle-line-init() {
  local line
  while IFS= read -r line; do
    BUFFER=$line CURSOR=$#line
    zle complete-word >>$REPORT/complaints 2>&1
    print -r -- "$BUFFER" >>$REPORT/answers
  done <$REPORT/lines
  exit
}
zle -N zle-line-init
cd $REPORT/files
