# Sourced by every script of this folder. Moves to the repository's root, and defines how commands run and are timed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TURBO_TELEMETRY_DISABLED=1 NO_COLOR=1

# package.json holds the one exact version of pnpm.
pnpm_version=$(node -p 'require("./package.json").devEngines.packageManager.version')
with_tools() { npx -y -p node@24 -p "pnpm@$pnpm_version" -- "$@"; }

# install_packages PACKAGE…: installs Debian packages that are missing, if that can be done without a password.
install_packages() {
  command -v dpkg >/dev/null && command -v apt-get >/dev/null || return 0
  local root missing=() name
  root=$([ "$(id -u)" = 0 ] || echo sudo -n)
  for name in "$@"; do dpkg -s "$name" >/dev/null 2>&1 || missing+=("$name"); done
  [ "${#missing[@]}" -gt 0 ] || return 0
  { $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/dev/null 2>&1 || echo "Could not be installed: ${missing[*]}."
}

# What the tests against a real OpenSSH server use. They are skipped, and say so, where it is missing.
install_openssh() { install_packages openssh-server libnss-wrapper faketime tcsh fish busybox dash; }

# A real browser, unless there is one already that is no Debian package.
install_chromium() { command -v chromium >/dev/null || [ "$(id -u)" != 0 ] || install_packages chromium; }

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
