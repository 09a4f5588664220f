# Sourced by every script of this folder. Moves to the repository's root, and defines how commands run and are timed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TURBO_TELEMETRY_DISABLED=1 NO_COLOR=1

# package.json holds the one exact version of pnpm.
pnpm_version=$(node -p 'require("./package.json").devEngines.packageManager.version')
with_tools() { npx -y -p node@24 -p "pnpm@$pnpm_version" -- "$@"; }

# A line for each part, of this script and of those that it calls. The outermost script prints them.
if [ -z "${CI_REPORT:-}" ]; then
  CI_REPORT=$(mktemp)
  export CI_REPORT
  is_outermost=yes
fi
failed=0

# record NAME SECONDS CODE
record() {
  printf '%-22s %4ss  %s\n' "$1" "$2" "$([ "$3" -eq 0 ] && echo ok || echo "failed ($3)")" >>"$CI_REPORT"
  [ "$3" -eq 0 ] || failed=1
}

# part NAME COMMAND…: runs the command, notes how long it took, and goes on when it fails.
part() {
  local name=$1 start=$SECONDS code
  shift
  printf '\n=== %s: %s\n' "$name" "$*"
  "$@"
  code=$?
  record "$name" "$((SECONDS - start))" "$code"
}

# The last line of a script: prints the times if no other script does, and exits with 1 if a part failed.
finish() {
  if [ "${is_outermost:-}" = yes ]; then
    printf '\n=== times\n'
    cat "$CI_REPORT"
    rm -f "$CI_REPORT"
  fi
  exit "$failed"
}
