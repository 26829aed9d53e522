# shellcheck shell=bash
# What backup.sh, verify.sh and restore-drill.sh have in common: settings, figures for Prometheus, checkpoints kept elsewhere.
# shellcheck disable=SC2034 # the settings are read by those scripts

umask 077
export DOTNET_EnableDiagnostics=0 LC_ALL=C

program=${ADVISORY_PROGRAM:-/opt/advisory/current/advisory}
data=${ADVISORY_DATA:-/var/lib/advisory/data}
backups=${ADVISORY_BACKUPS-/var/backups/advisory}
scratch=${ADVISORY_WORK:-$backups}
keep=${ADVISORY_KEEP:-30}
checkpoints=${ADVISORY_CHECKPOINTS-/srv/advisory-checkpoints}
publish=${ADVISORY_PUBLISH:-}
verifier_keys=${ADVISORY_VERIFIER_KEYS-/etc/advisory/verifier-keys}
certificate=${ADVISORY_CERTIFICATE:-}
metrics=${ADVISORY_METRICS-/var/lib/advisory-metrics}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# The size that a checkpoint covers: its second line.
size_of() { sed -n 2p "$1"; }

# The newest checkpoint that was kept elsewhere; nothing where there is none yet. Names hold the size with leading zeros, so they sort.
newest_kept() {
  [ -n "$checkpoints" ] && [ -d "$checkpoints" ] || return 0
  find "$checkpoints" -maxdepth 1 -type f -name 'checkpoint-*.txt' | sort | tail -n 1
}

# Copies a file to a new place, whole or not at all, also from one disk to another.
place() { cp "$1" "$2.new" && sync "$2.new" && mv "$2.new" "$2"; }

# Keeps a checkpoint elsewhere. One that is there already is never replaced: another one of the same size is a second history.
keep_elsewhere() {
  local file=$1 name target
  [ -n "$checkpoints" ] || fail "checkpoints are not kept elsewhere: set ADVISORY_CHECKPOINTS to a folder of another machine"
  [ -d "$checkpoints" ] || fail "checkpoints are not kept elsewhere: there is no folder $checkpoints; is it mounted?"
  name=$(printf 'checkpoint-%012d.txt' "$(size_of "$file")")
  target=$checkpoints/$name
  if [ -e "$target" ]; then
    # Signatures may differ after a rotation; the three signed lines may not.
    [ "$(head -n 3 "$target")" = "$(head -n 3 "$file")" ] || fail "$target says something else of the same size than the ledger: it has shown two histories; see runbooks/rollback-detected.md"
    return 0
  fi
  place "$file" "$target"
  [ -z "$publish" ] || "$publish" "$target" || fail "$publish failed for $target"
  say "checkpoint kept as $target"
}

# Takes `name value` lines and replaces a file of figures as a whole; a name that is not given keeps the value that it had.
# All names stand in watch/script-metrics.txt, with their help.
write_metrics() {
  local name=$1 lines file help line metric value
  lines=$(cat)
  [ -n "$metrics" ] && [ -d "$metrics" ] || return 0
  file=$metrics/$name.prom
  help=$(dirname "${BASH_SOURCE[0]}")/watch/script-metrics.txt
  while read -r metric _ line; do
    [ "$metric" = "" ] || [ "${metric#\#}" != "$metric" ] && continue
    case $metric in "advisory_$name"_*) ;; *) continue ;; esac
    value=$(printf '%s\n' "$lines" | sed -n "s/^$metric //p")
    [ -n "$value" ] || value=$(sed -n "s/^$metric //p" "$file" 2>/dev/null || true)
    [ -n "$value" ] || continue
    printf '# HELP %s %s\n# TYPE %s gauge\n%s %s\n' "$metric" "$line" "$metric" "$metric" "$value"
  done < "$help" > "$file.new"
  chmod 644 "$file.new"
  mv "$file.new" "$file"
}
