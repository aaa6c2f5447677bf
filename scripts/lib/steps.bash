# Sourced by the scripts here: steps that say what they do.

say() { printf 'setup: %s\n' "$*"; }

# last_words LOG: what a program said last, where lines may be overwritten or empty.
last_words() { tail -n 20 "$1" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-90; }

# step TITLE CMD...: runs CMD without standard input, says every five seconds that it lives, and shows its output
# only when it fails.
step() {
  local title=$1 log started=$SECONDS child
  shift
  log=$(mktemp)
  say "$title"
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.1
    if ((SECONDS - started >= 5 && (SECONDS - started) % 5 == 0 && SECONDS != ${step_said:-0})); then
      step_said=$SECONDS
      say "  still at it after $((SECONDS - started)) s: $(last_words "$log")"
    fi
  done
  if wait "$child"; then
    rm -f "$log"
    return 0
  else
    local status=$?
    say "FAILED ($status): $title"
    tail -n 30 "$log" | sed 's/^/  /'
    rm -f "$log"
    return "$status"
  fi
}

# stale BUILD PATTERN SOURCES FIND-TEST...: true when the newest file of PATTERN below BUILD is older than a source,
# or there is none.
stale() {
  local build=$1 pattern=$2 sources=$3 newest
  shift 3
  newest=$(find "$build" -name "$pattern" -type f -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2-)
  [ -z "$newest" ] || [ -n "$(find "$sources" "$@" -newer "$newest" -print -quit)" ]
}
