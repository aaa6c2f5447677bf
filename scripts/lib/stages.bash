# Stages of scripts/check and scripts/test: run, time, say in a line, count. Sourced at the root of the repository.
# shellcheck shell=bash

RESULTS=.cache/test
STAGE_LIMIT_S=600

# Empties the results and puts the pinned Node first on PATH, installing the npm packages if they are missing or stale.
# Compiled code is kept: most of what a short test or program of ours does is compiling the same modules again.
bootstrap() {
  export PATH="$PWD/node_modules/.bin:$PATH"
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "node and npm are needed to begin with: apt-get install nodejs npm" >&2
    return 1
  fi
  if ! node scripts/lib/modules-current.mjs; then
    echo "npm packages are missing or old: npm ci"
    npm ci || return 1
    hash -r
  fi
  export NODE_COMPILE_CACHE="$PWD/.cache/node"
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
  trap 'trap - INT TERM; kill -TERM $(jobs -p) 2>/dev/null; wait; exit 130' INT TERM
}

# limited SECONDS COMMAND…: runs in the background so that an interrupt is heard, and ends it when time is up.
limited() {
  local seconds=$1
  shift
  timeout -k 10 "$seconds" "$@" </dev/null &
  wait $!
}

# note NAME PASSED FAILED SKIPPED SECONDS: one line of the tally.
note() {
  printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$RESULTS/tally"
}

# say NAME STATUS SECONDS LOG: one line on the screen; all of the log if it failed.
say() {
  if [ "$2" -eq 0 ]; then
    printf 'ok    %-22s %5.1f s\n' "$1" "$3"
  else
    printf 'FAIL  %-22s %5.1f s\n%s\n' "$1" "$3" "$(cat "$4")"
  fi
}

seconds_since() {
  awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

# stage NAME COMMAND…: counts as one test.
stage() {
  local name=$1 log="$RESULTS/$1.log" started=$EPOCHREALTIME status=0 took
  shift
  limited "$STAGE_LIMIT_S" "$@" >"$log" 2>&1 || status=$?
  [ "$status" -ne 124 ] || echo "not done after $STAGE_LIMIT_S s" >>"$log"
  took=$(seconds_since "$started")
  say "$name" "$status" "$took" "$log"
  if [ "$status" -eq 0 ]; then note "$name" 1 0 0 "$took"; else note "$name" 0 1 0 "$took"; fi
  return "$status"
}

# node_tests NAME NODE-ARGUMENTS…: runs node --test with a TAP file beside the readable output, counts what ran.
node_tests() {
  local name=$1 tap="$RESULTS/${1//\//-}.tap" started=$EPOCHREALTIME status=0
  shift
  limited "$STAGE_LIMIT_S" node --test --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$tap" "$@" || status=$?
  [ "$status" -ne 124 ] || echo "not done after $STAGE_LIMIT_S s: $name"
  count "$name" "$tap" "$status" "$(seconds_since "$started")"
}

# count NAME TAP STATUS SECONDS: a file that crashed or was ended has failed, whatever its TAP says.
count() {
  local passed=0 failed=0 skipped=0
  if [ -f "$2" ]; then
    read -r passed failed skipped < <(awk '
      /^# pass / { pass = $3 }
      /^# (fail|cancelled) / { fail += $3 }
      /^# (skipped|todo) / { skip += $3 }
      END { print pass + 0, fail + 0, skip + 0 }' "$2")
    grep -E '^ *(not )?ok [0-9]+ .* # (SKIP|TODO)' "$2" | sed -E 's/^ *(not )?ok [0-9]+ - //' >>"$RESULTS/skips" || true
  fi
  if [ "$failed" -eq 0 ] && { [ "$3" -ne 0 ] || ! grep -q '^# tests ' "$2" 2>/dev/null; }; then failed=1; fi
  note "$1" "$passed" "$failed" "$skipped" "$4"
  [ "$failed" -eq 0 ]
}

# The stages of scripts/check. Two cores: what is short runs side by side.
quick_stages() {
  local status=0 pids=() pid
  stage biome biome check --error-on-warnings . &
  pids+=($!)
  stage types tsc -b &
  pids+=($!)
  stage types-pure tsc -p tsconfig.pure.json &
  pids+=($!)
  for pid in "${pids[@]}"; do wait "$pid" || status=1; done
  unit_stage || status=1
  return "$status"
}

unit_stage() {
  local files status=0 started=$EPOCHREALTIME log="$RESULTS/units.log"
  mapfile -t files < <(find shared agent controller cloud-init images scripts test/architecture -name node_modules -prune -o -name '*.test.ts' -print | sort)
  node_tests units --test-concurrency=4 "${files[@]}" >"$log" 2>&1 || status=$?
  say "units (${#files[@]} files)" "$status" "$(seconds_since "$started")" "$log"
  return "$status"
}

# Every skip must stand in test/expected-skips.txt as `NAME | REASON`; says those that do not.
unexpected_skips() {
  local name found=1
  [ -f "$RESULTS/skips" ] || return 1
  while IFS= read -r line; do
    name=${line%% # SKIP*}
    name=${name%% # TODO*}
    if ! sed 's/ *|.*//' test/expected-skips.txt | grep -qxF -- "$name"; then
      echo "skipped, and not in test/expected-skips.txt: $line"
      found=0
    fi
  done <"$RESULTS/skips"
  return "$found"
}

# Writes summary.json and prints the last line.
total() {
  awk -F'\t' -v json="$RESULTS/summary.json" '
    { pass += $2; fail += $3; skip += $4
      rows = rows (NR > 1 ? "," : "") sprintf("\n    {\"name\":\"%s\",\"passed\":%d,\"failed\":%d,\"skipped\":%d,\"seconds\":%s}", $1, $2, $3, $4, $5) }
    END {
      printf "{\n  \"passed\": %d,\n  \"failed\": %d,\n  \"skipped\": %d,\n  \"stages\": [%s\n  ]\n}\n", pass, fail, skip, rows > json
      printf "%d passed, %d failed%s\n", pass, fail, (skip ? ", " skip " skipped" : "") }' "$RESULTS/tally"
}
