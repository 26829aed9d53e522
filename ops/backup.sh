#!/usr/bin/env bash
# Copies the ledger while the service runs, verifies the copy by itself, and keeps its checkpoint elsewhere. Signing keys are not in a backup:
# see runbooks/key-escrow.md. Settings: operations.env. Ends with 0 only if the backup, its verification and its checkpoint are all there.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=common.sh
. "$here/common.sh"

[ -n "$backups" ] || fail "set ADVISORY_BACKUPS to the folder for backups"
mkdir -p "$backups"
exec 9> "$backups/.lock"
flock -n 9 || fail "another backup is being made in $backups"

work=$(mktemp -d "$scratch/.advisory-making-XXXXXX")
# Reached on every way out; only the last line of the script says that all is well.
done=no
finish() {
  rm -rf "$work"
  [ "$done" = yes ] || printf 'advisory_backup_success 0\n' | write_metrics backup
}
trap finish EXIT

# First the checkpoint of now, which the copy must contain; then the copy.
mkdir "$work/data"
"$program" log checkpoint --data "$data" > "$work/data/checkpoint"
"$program" log backup "$work/data/ledger.db" --data "$data"

# `log backup` has verified every hash and signature. This opens the copy as a ledger of its own, beside the checkpoint from before it, and
# checks the meaning of every entry as well.
trusted=()
if [ -n "$verifier_keys" ] && [ -f "$verifier_keys" ]; then
  while read -r key; do trusted+=(--key "$key"); done < "$verifier_keys"
fi
"$program" log verify --data "$work/data" --checkpoint "$work/data/checkpoint" "${trusted[@]}"
"$program" log checkpoint --data "$work/data" > "$work/checkpoint"

# What else the service keeps: who may use it, what-ifs and confirmations, drafts. Not the signing keys.
# A draft may be replaced meanwhile; tar says so with 1, and the rest is whole.
for name in access.json desk.jsonl drafts form-keys; do [ ! -e "$data/$name" ] || printf '%s\n' "$name"; done > "$work/state"
tar -C "$data" -czf "$work/state.tar.gz" --ignore-failed-read -T "$work/state" || [ $? = 1 ]

# Names sort by time.
while name=advisory-$(date -u +%Y%m%dT%H%M%SZ); [ -e "$backups/$name.db" ]; do sleep 1; done
place "$work/state.tar.gz" "$backups/$name.state.tar.gz"
place "$work/checkpoint" "$backups/$name.checkpoint"
sha256sum < "$work/data/ledger.db" | sed "s/-$/$name.db/" > "$work/sha256"
place "$work/sha256" "$backups/$name.sha256"
place "$work/data/ledger.db" "$backups/$name.db" # last: whoever sees it finds the rest
sync "$backups"

keep_elsewhere "$backups/$name.checkpoint"

# The oldest go, whole sets at a time, and only now that a newer one is there.
find "$backups" -maxdepth 1 -type f -name 'advisory-*.db' | sort | head -n -"$keep" | while read -r old; do
  rm -f "$old" "${old%.db}.checkpoint" "${old%.db}.sha256" "${old%.db}.state.tar.gz"
done

write_metrics backup <<EOF
advisory_backup_success 1
advisory_backup_last_success_seconds $(date +%s)
advisory_backup_entries $(size_of "$backups/$name.checkpoint")
advisory_backup_bytes $(stat -c %s "$backups/$name.db")
EOF
done=yes
say "backup $backups/$name.db of $(size_of "$backups/$name.checkpoint") entries"
