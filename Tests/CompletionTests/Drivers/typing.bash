# Start-up file of an interactive bash whose keys are lines of input, each followed by C-x a, which
# inserts every completion into it, and C-x d, which puts the line down in $REPORT/answers.
#
# stdin is a pipe and stderr shows the editing, so what the completion itself prints goes aside.

eval "${STARTUP-}"
set -u
for completion in _wg _wg_quick _wireguard_swift; do
    program=${completion#_}
    source "$COMPLETIONS/${program//_/-}.bash" >>"$REPORT/complaints" 2>&1
    eval "quiet$(declare -f "$completion")"
    eval "$completion() { quiet$completion \"\$@\" >>\"\$REPORT/complaints\" 2>&1; }"
done

put_down() {
    printf '%s\n' "$READLINE_LINE" >>"$REPORT/answers"
    READLINE_LINE='' READLINE_POINT=0
}

bind '"\C-xa": insert-completions'
bind -x '"\C-xd": put_down'
cd "$REPORT/files"
