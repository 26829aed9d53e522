#!/usr/bin/env bash
# Installs Advisory, or upgrades it: program, user, directories, permissions, settings, systemd units. Run again, it changes nothing.
# Settings, rule books, data and backups are made once and never replaced: an upgrade of the program does not change the rule book in force.
#
# usage: install.sh [--from DIR] [--root DIR] [--dry-run]     DIR: the published program (default: artifacts/advisory of this repository)
#        install.sh --uninstall [--root DIR] [--dry-run]      takes the program and the units away; settings, data and backups stay
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
from=$(dirname "$here")/artifacts/advisory root="" dry=no uninstall=no
fail() { printf '%s\n' "$*" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --from) from=${2:?--from needs a folder}; shift 2 ;;
    --root) root=$(readlink -m "${2:?--root needs a folder}"); shift 2 ;;
    --dry-run) dry=yes; shift ;;
    --uninstall) uninstall=yes; shift ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) fail "\`$1\` is not an option; try --help" ;;
  esac
done
[ "$root" != / ] || root=""

# Everything that changes something goes through here, so that --dry-run can say it instead.
run() { if [ "$dry" = yes ]; then printf '+ %s\n' "$*"; else "$@"; fi; }
# Whether this is the running machine, rather than a folder in which an image is made.
is_here() { [ -z "$root" ]; }
has_systemd() { is_here && [ -d /run/systemd/system ]; }
if is_here && [ "$dry" = no ] && [ "$(id -u)" != 0 ]; then fail "this installs for the whole machine: run it as root, or name a folder with --root"; fi

units="advisory.service advisory-backup.service advisory-backup.timer advisory-verify.service advisory-verify.timer"
program=$root/opt/advisory

if [ "$uninstall" = yes ]; then
  # shellcheck disable=SC2086 # the names are meant to be apart
  if has_systemd; then run systemctl disable --now $units || true; fi
  for unit in $units; do run rm -f "$root/etc/systemd/system/$unit"; done
  run rm -f "$root/etc/sysusers.d/advisory.conf" "$root/etc/tmpfiles.d/advisory.conf" "$root/usr/local/bin/advisory"
  run rm -rf "$program"
  if has_systemd; then run systemctl daemon-reload; fi
  printf '%s\n' "the program is gone; these stay, and are yours to remove:" \
    "  $root/etc/advisory            settings and rule books" \
    "  $root/var/lib/advisory        ledger, signing keys, API keys: copy them elsewhere first" \
    "  $root/var/lib/advisory-metrics  figures for Prometheus" \
    "  $root/var/backups/advisory    backups" \
    "  the user advisory         userdel advisory"
  exit 0
fi

[ -x "$from/advisory" ] || fail "$from has no program; publish it first: dotnet publish src/Advisory.Host -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true -p:NuGetLockFilePath=obj/publish.lock.json -o artifacts/advisory"
version=$("$from/advisory" --version) || fail "$from/advisory does not run on this machine"
version=${version%%+*}
[[ $version =~ ^[0-9A-Za-z.-]+$ ]] || fail "$from/advisory calls itself \`$version\`, which is no version"
# Two builds of one version are two programs: the name holds the digest of everything in the folder.
name=$version-$(cd "$from" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | head -c 12)
before=$(readlink "$program/current" 2> /dev/null || true)

# What is there before it is changed: a failed backup stops an upgrade.
is_running=no
if has_systemd && systemctl is-active --quiet advisory.service; then is_running=yes; fi
if [ "$is_running" = yes ] && [ "$before" != "$name" ]; then run systemctl start advisory-backup.service || fail "the backup before the upgrade failed, and nothing was changed; see: journalctl -u advisory-backup"; fi

# Program: a folder for each build, and a link to the one in use, swapped in one step. The former one stays, to go back to.
run install -d -m 0755 "$program" "$root/usr/local/bin"
if [ ! -d "$program/$name" ]; then
  run rm -rf "$program/$name.new"
  run cp -r "$from" "$program/$name.new"
  run install -d "$program/$name.new/ops/watch" "$program/$name.new/ops/runbooks"
  run cp "$here/common.sh" "$here/backup.sh" "$here/verify.sh" "$here/restore-drill.sh" "$here/README.md" "$program/$name.new/ops/"
  run cp "$here/watch/script-metrics.txt" "$program/$name.new/ops/watch/"
  run cp "$here"/runbooks/*.md "$program/$name.new/ops/runbooks/"
  run chmod -R u=rwX,go=rX "$program/$name.new"
  run mv "$program/$name.new" "$program/$name"
fi
if [ "$before" != "$name" ]; then
  run ln -sfn "$name" "$program/current.new"
  run mv -T "$program/current.new" "$program/current"
fi
[ -L "$root/usr/local/bin/advisory" ] || run ln -s /opt/advisory/current/advisory "$root/usr/local/bin/advisory"

# Settings and the rule book: once.
run install -d -m 0750 "$root/etc/advisory" "$root/etc/advisory/rules" "$root/etc/advisory/tls"
for file in advisory.json operations.env; do
  [ -e "$root/etc/advisory/$file" ] || run install -m 0640 "$here/$file" "$root/etc/advisory/$file"
done
if [ ! -e "$root/etc/advisory/rules/ukraine" ]; then
  run cp -r "$from/rules/ukraine" "$root/etc/advisory/rules/ukraine"
  run chmod -R u=rwX,g=rX,o= "$root/etc/advisory/rules/ukraine"
fi

# User, directories, permissions; units.
run install -D -m 0644 "$here/systemd/advisory.sysusers.conf" "$root/etc/sysusers.d/advisory.conf"
run install -D -m 0644 "$here/systemd/advisory.tmpfiles.conf" "$root/etc/tmpfiles.d/advisory.conf"
for unit in $units; do run install -D -m 0644 "$here/systemd/$unit" "$root/etc/systemd/system/$unit"; done
if is_here; then
  if command -v systemd-sysusers > /dev/null; then run systemd-sysusers /etc/sysusers.d/advisory.conf
  elif ! id advisory > /dev/null 2>&1; then run useradd --system --user-group --home-dir /var/lib/advisory --no-create-home --shell /usr/sbin/nologin advisory; fi
  run install -d -m 0700 -o advisory -g advisory /var/lib/advisory /var/backups/advisory
  run install -d -m 0755 -o advisory -g advisory /var/lib/advisory-metrics
  run chown -R root:advisory /etc/advisory
else
  # The user is made when the machine starts, by sysusers.d; then tmpfiles.d hands the directories over.
  run install -d -m 0700 "$root/var/lib/advisory" "$root/var/backups/advisory"
  run install -d -m 0755 "$root/var/lib/advisory-metrics"
fi

if has_systemd; then
  run systemctl daemon-reload
  run systemctl enable --now advisory-backup.timer advisory-verify.timer
  run systemctl enable advisory.service
  if [ "$is_running" = yes ] && [ "$before" != "$name" ]; then run systemctl restart advisory.service; fi
fi

printf '%s\n' "advisory $version is installed as $program/$name"
if [ -n "$before" ] && [ "$before" != "$name" ]; then
  printf '%s\n' "to go back: ln -sfn $before $program/current && systemctl restart advisory"
elif [ -z "$before" ]; then
  printf '%s\n' "next: make keys for people, start it, keep its verifier key: see $here/README.md, \"Start\""
fi
