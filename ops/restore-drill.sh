#!/usr/bin/env bash
# Rehearses the restore: puts a backup and the keys from the escrow into a folder of its own, restores, verifies against a checkpoint that was kept
# elsewhere, replays every decision, and removes the folder. The service is not touched.
# Usage: restore-drill.sh KEYS [BACKUP]   KEYS: a folder with copies of the signing keys; BACKUP: default the newest in ADVISORY_BACKUPS.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=common.sh
. "$here/common.sh"

keys=${1:?usage: restore-drill.sh KEYS [BACKUP]}
backup=${2:-$(find "$backups" -maxdepth 1 -type f -name 'advisory-*.db' | sort | tail -n 1)}
[ -n "$backup" ] || fail "there is no backup in $backups"
compgen -G "$keys/*.pem" > /dev/null || fail "there is no key in $keys"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/data/keys"
cp "$keys"/*.pem "$work/data/keys/"
chmod 700 "$work/data/keys"
chmod 600 "$work/data/keys"/*.pem

(cd "$(dirname "$backup")" && sha256sum --quiet -c "$(basename "${backup%.db}").sha256") || fail "$backup is not the file that was backed up"
# The newest kept checkpoint that is no newer than the backup; without one, the backup's own.
against=${backup%.db}.checkpoint
size=$(size_of "$against")
if [ -n "$checkpoints" ] && [ -d "$checkpoints" ]; then
  against=$(find "$checkpoints" -maxdepth 1 -type f -name 'checkpoint-*.txt' | sort | while read -r file; do
    [ "$(size_of "$file")" -gt "$size" ] || printf '%s\n' "$file"; done | tail -n 1)
  [ -n "$against" ] || against=${backup%.db}.checkpoint
fi

"$program" log restore "$backup" --data "$work/data" --reason "restore drill" --by drill
"$program" log verify --data "$work/data" --checkpoint "$against"
"$program" log replay --all --data "$work/data"
say "the drill is good: $size entries from $backup, held against $against"
