import { quoteForShell, remotePath } from './shell.ts';

/** A file that the instance downloads or sends by a link. */
export interface LinkedFile {
  /** Lowercase letters and digits. Another one if the content is another one, so that a download continues only where it can. */
  readonly id: string;
  /** A secret if it is signed. */
  readonly link: string;
  /** On the instance, relative to the user's home. */
  readonly path: string;
  /** Bytes. Undefined if unknown. */
  readonly size?: number | undefined;
  /** The content must have it. */
  readonly sha256?: string | undefined;
  /** The server must have this version. */
  readonly etag?: string | undefined;
  /** The part of the file that is sent, in MiB. Default: all. */
  readonly part?: { readonly begin: number; readonly length: number } | undefined;
}

/** Number of transfers at the same time. */
const laneCount = 8;
/** Time between two reports of bytes, as a multiple of the first pause. */
const reportFactor = 5;
/** Pauses between attempts that bring nothing, as multiples of the first one. */
const pauses: readonly number[] = [1, 2, 5, 10, 30, 60];

/** Returns a script that downloads files. A file appears at its path once it is complete and verified. */
export function downloadScript(files: readonly LinkedFile[], pauseMs: number): string {
  const calls = lanes(files).map((lane) =>
    lane.map(({ id, link, path, size = '', sha256 = '', etag = '' }) => {
      const [scheme = ''] = link.split(':');
      return `u=${quoteForShell(link)} e=${quoteForShell(etag)}\nget ${id} '${size}' '${sha256}' ${scheme} ${remotePath(path)}`;
    }),
  );
  return [tools(pauseMs), download, inLanes(calls)].join('\n');
}

/** Returns a script that sends files. */
export function uploadScript(files: readonly LinkedFile[], pauseMs: number): string {
  const calls = lanes(files).map((lane) =>
    lane.map(
      ({ id, link, path, part }) =>
        `u=${quoteForShell(link)}\nput ${id} ${remotePath(path)} ${part === undefined ? '' : `${part.begin} ${part.length}`}`,
    ),
  );
  return [tools(pauseMs), upload, inLanes(calls)].join('\n');
}

/** Spreads files so that all lanes have about as much to do. */
function lanes(files: readonly LinkedFile[]): readonly (readonly LinkedFile[])[] {
  const all = Array.from({ length: Math.min(laneCount, files.length) }, () => ({
    bytes: 0,
    files: [] as LinkedFile[],
  }));
  for (const file of files) {
    const lane = all.reduce((least, each) => (each.bytes < least.bytes ? each : least));
    lane.bytes += (file.size ?? 0) + 100_000;
    lane.files.push(file);
  }
  return all.map((lane) => lane.files);
}

function inLanes(calls: readonly (readonly string[])[]): string {
  const started = calls.map((lane, index) => `(\nlane=${index}\n${lane.join('\n')}\n) & lanes="$lanes $!"`);
  return `
report 2>/dev/null & reporter=$!
lanes=
${started.join('\n')}
wait $lanes
kill $reporter
rm -f "$d"/why.* "$d"/http.* "$d"/head.* "$d"/lane.*
[ ! -e "$d/failed" ]`;
}

/**
 * Functions of both scripts. Each file's link is in the variable `u`, which is never exported, and goes to curl or GNU Wget through their
 * standard input by the shell's own `printf`: it is in no file and in no argument of a process.
 *
 * Each line of the output is a report: `at <id> <bytes> <size>`, `done <id> <bytes>`, or `failed <id> <reason> <HTTP status> <message>`. The
 * lanes that have a transfer under way finish it after a failure.
 */
const tools = (pauseMs: number) => `
set +e
d=\${0%/*}
LC_ALL=C
tool=none
if command -v curl >/dev/null 2>&1; then tool=curl
elif wget --version 2>/dev/null | grep 'GNU Wget' >/dev/null; then tool=wget
fi
bytes() { if [ -f "$1" ]; then echo $(($(wc -c < "$1"))); else echo 0; fi; }
give_up() {
  : > "$d/failed"
  printf 'failed %s %s %s %s\\n' "$id" "$1" "\${2:-0}" "$(head -c 300 "$d/why.$lane" 2>/dev/null | tr '\\000-\\037\\177' ' ')"
}
# Waits before the next attempt, or returns 1 after the last one.
rest() {
  tries=$((tries + 1))
  n=0
  for pause in ${pauses.map((factor) => (factor * pauseMs) / 1000).join(' ')}; do
    n=$((n + 1))
    [ $n != $tries ] || { sleep $pause 2>/dev/null || sleep 1; return 0; }
  done
  return 1
}
with_curl() {
  { printf 'url = "%s"\\n' "$u"; [ -z "$e" ] || printf 'header = "If-Match: \\\\"%s\\\\""\\n' "$e"; } |
    curl -q -K - -sS -f -g --connect-timeout 30 --speed-limit 1000 --speed-time 60 -w '%{http_code}' "$@" > "$d/http.$lane" 2> "$d/why.$lane"
  code=$?
  http=$(head -c 3 "$d/http.$lane")
  http=\${http#000}
  case $code in
    0) outcome=ok ;;
    22) outcome=http ;;
    23 | 26) outcome=write ;;
    33) outcome=no-ranges ;;
    60 | 77 | 83) outcome=tls ;;
    1 | 3 | 47) outcome=link ;;
    *) outcome=network ;;
  esac
}
# What Wget writes names the link: only the status is taken from it.
with_wget() {
  [ -z "$e" ] || set -- "$@" --header="If-Match: \\"$e\\""
  said=$({ printf '%s\\n' "$u" | wget --no-config -nv -S -t 1 -T 60 "$@" -i - >/dev/null; echo "exit $?" >&2; } 2>&1 |
    sed -n -e 's/^ *HTTP[^ ]* \\([0-9][0-9][0-9]\\).*/\\1/p' -e 's/^exit [0-9]*$/&/p')
  code=\${said##*exit }
  http=\${said%exit *}
  http=$(echo $http)
  http=\${http##* }
  echo "wget ended with exit code $code, HTTP status \${http:-none}" > "$d/why.$lane"
  case $code in
    0) outcome=ok ;;
    8) outcome=http ;;
    3) outcome=write ;;
    5) outcome=tls ;;
    *) outcome=network ;;
  esac
}
# A server's own trouble is worth another attempt.
passing() { case $http in 408 | 425 | 429 | 5??) return 0 ;; *) return 1 ;; esac; }
# Lanes remove their files at any time.
report() {
  while sleep ${(reportFactor * pauseMs) / 1000} || sleep 1; do
    for f in "$d"/lane.*; do
      read -r i p < "$f" || continue
      t=$(tr -d '\\r' < "$d/head.\${f##*.}" | sed -n -e 's/^[Cc]ontent-[Rr]ange: .*\\/\\([0-9]*\\)$/\\1/p' -e 's/^[Cc]ontent-[Ll]ength: *\\([0-9]*\\)$/\\1/p' | sort -n | tail -n 1)
      printf 'at %s %s %s\\n' "$i" "$(bytes "$p")" "$t"
    done
  done
}`;

/**
 * `get <id> <size> <sha256> <scheme> <target>`. What has come is kept beside the target until it is complete. A server that ignores ranges, or
 * a content that is wrong after it came in parts, makes it begin again.
 */
const download = `
fetch() {
  if [ $tool = curl ]; then with_curl -L --max-redirs 10 --proto "=$scheme" -C - -D "$d/head.$lane" -o "$part"
  else with_wget -c --max-redirect=10 -O "$part"
  fi
}
room() { df -Pk "$folder" 2>/dev/null | { read -r _; read -r _ _ _ free _; echo "\${free:-unknown}"; }; }
complete() {
  while :; do
    have=$(bytes "$part")
    if [ -n "$size" ]; then
      [ $have -le $size ] || { rm -f "$part"; have=0; }
      [ $size != 0 ] || : > "$part"
      [ $have != $size ] || return 0
      free=$(room)
      if [ "$free" -lt $(((size - have) / 1024)) ] 2>/dev/null; then give_up full; return 1; fi
    fi
    [ $have = 0 ] && whole=yes || whole=no
    fetch
    now=$(bytes "$part")
    case $outcome in
      ok)
        [ -f "$part" ] || : > "$part"
        [ -n "$size" ] && [ $now != $size ] || return 0
        ;;
      http)
        if [ "$http" = 416 ] && [ $have -gt 0 ]; then
          [ -n "$size" ] || return 0
          rm -f "$part"
        elif ! passing; then give_up http "$http"; return 1
        fi
        ;;
      no-ranges) rm -f "$part" ;;
      write)
        free=$(room)
        if [ "$free" -lt 1024 ] 2>/dev/null; then give_up full; else give_up write; fi
        return 1
        ;;
      tls | link) give_up $outcome; return 1 ;;
    esac
    if [ $now -gt $best ]; then best=$now; tries=0; fi
    rest || { give_up network "$http"; return 1; }
  done
}
get() {
  [ ! -e "$d/failed" ] || return 0
  id=$1 size=$2 sha=$3 scheme=$4 target=$5
  folder=\${target%/*}
  part=$folder/.gpu-clouds-$id.part
  : > "$d/why.$lane"
  [ $tool != none ] || { give_up no-tool; return; }
  mkdir -p "$folder" 2> "$d/why.$lane" || { give_up write; return; }
  [ ! -d "$target" ] || { give_up is-folder; return; }
  printf '%s %s\\n' "$id" "$part" > "$d/lane.$lane"
  best=$(bytes "$part") tries=0 whole=no http=0
  for round in 1 2 3; do
    complete || return
    [ -n "$sha" ] || break
    command -v sha256sum >/dev/null 2>&1 || { give_up no-sha256sum; return; }
    sum=$(sha256sum < "$part")
    [ "\${sum%% *}" != "$sha" ] || break
    rm -f "$part"
    if [ $whole = yes ] || [ $round = 3 ]; then echo "\${sum%% *}" > "$d/why.$lane"; give_up mismatch; return; fi
  done
  now=$(bytes "$part")
  mv -f "$part" "$target" 2> "$d/why.$lane" || { give_up write; return; }
  rm -f "$d/lane.$lane" "$d/head.$lane"
  printf 'done %s %s\\n' "$id" "$now"
}`;

/**
 * `put <id> <source> [<begin> <length>]`. Part of a file is copied first, where there is room, because Wget sends whole files only. S3 answers
 * 400 to a connection that was too slow.
 */
const upload = `
e=
put() {
  [ ! -e "$d/failed" ] || return 0
  id=$1 body=$2 begin=$3 length=$4 tries=0 http=0
  : > "$d/why.$lane"
  [ $tool != none ] || { give_up no-tool; return; }
  [ -f "$body" ] || { give_up gone; return; }
  [ -z "$begin" ] || cut_part || { give_up full; return; }
  send
  [ -z "$begin" ] || rm -f "$body"
}
cut_part() {
  source=$body
  for folder in "$d" /dev/shm; do
    body=$folder/gpu-clouds-$id.part
    ( umask 077; dd if="$source" of="$body" bs=1048576 skip=$begin count=$length ) 2>"$d/why.$lane" && return 0
    rm -f "$body"
  done
  return 1
}
send() {
  size=$(bytes "$body")
  while :; do
    if [ $tool = curl ]; then with_curl -o /dev/null -T "$body"
    else with_wget --method=PUT --body-file="$body" -O /dev/null
    fi
    case $outcome in
      ok) break ;;
      http) [ "$http" = 400 ] || passing || { give_up http "$http"; return; } ;;
      tls | link) give_up $outcome; return ;;
    esac
    rest || { give_up network "$http"; return; }
  done
  printf 'done %s %s\\n' "$id" "$size"
}`;
