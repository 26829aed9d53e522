#!/usr/bin/env bash
# Verifies the whole ledger, also against the newest checkpoint that is kept elsewhere, and then keeps today's there. A ledger that contradicts
# what is kept gets no new checkpoint. Settings: operations.env. Ends with 0 only if nothing is wrong and today's checkpoint is kept.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=common.sh
. "$here/common.sh"

work=$(mktemp -d)
verified=no
finish() {
  rm -rf "$work"
  [ "$verified" = yes ] || printf 'advisory_verify_success 0\n' | write_metrics verify
}
trap finish EXIT

if [ -n "$certificate" ]; then
  end=$(openssl x509 -in "$certificate" -noout -enddate) || fail "$certificate is no certificate that can be read"
  printf 'advisory_verify_certificate_end_seconds %s\n' "$(date -d "${end#notAfter=}" +%s)" | write_metrics verify
fi

# The checkpoint is taken first, so that what is kept is what was verified.
"$program" log checkpoint --data "$data" > "$work/today" || fail "the ledger does not even open; see runbooks/rollback-detected.md"
arguments=()
if [ -n "$verifier_keys" ] && [ -f "$verifier_keys" ]; then
  while read -r key; do arguments+=(--key "$key"); done < "$verifier_keys"
else
  say "there is no ${verifier_keys:-file of verifier keys}: the ledger's own keys are taken, which proves less"
fi
kept=$(newest_kept)
"$program" log verify --data "$data" --checkpoint "${kept:-$work/today}" "${arguments[@]}" || fail "verification failed; see runbooks/verification-failed.md"
[ -z "$kept" ] || say "it continues $kept"

verified=yes
write_metrics verify <<EOF
advisory_verify_success 1
advisory_verify_last_success_seconds $(date +%s)
advisory_verify_entries $(size_of "$work/today")
EOF

keep_elsewhere "$work/today"
printf 'advisory_verify_published_seconds %s\n' "$(date +%s)" | write_metrics verify
