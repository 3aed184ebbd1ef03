#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-run.sh [OPTION]... -- COMMAND [ARGUMENT]...
# Runs a command in a throw-away guest with a cgroup v2 of its own. Its output comes here, its exit status is ours;
# 124: it took too long; 125: the guest gave no result.
#  -S       systemd, of the root, is the first process
#  -u UID   runs as this user; without -S it sits in a leaf of a delegated cgroup
#  -r ROOT  folder that is the root, read-only below an overlay (default: /)
#  -d DIR   folder that is shared, writable, at the same path (default: the current one)
#  -m MB    memory (default: 512)
#  -t SEC   time (default: 300)
#  -v       shows the guest's console
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
state=${SBX_VM:-/var/tmp/sbx-vm}
mode=plain uid=0 root=/ share=$PWD memory=512 seconds=300 verbose=no

usage() {
	sed -n '3,13s/^# \?//p' "$0" >&2
	exit 2
}

while getopts Su:r:d:m:t:v option; do
	case $option in
	S) mode=systemd ;;
	u) uid=$OPTARG ;;
	r) root=$OPTARG ;;
	d) share=$OPTARG ;;
	m) memory=$OPTARG ;;
	t) seconds=$OPTARG ;;
	v) verbose=yes ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
root=$(cd "$root" && pwd -P)
share=$(cd "$share" && pwd -P)
[ -e "$state/initrd.gz" ] || {
	echo "vm-run: run $here/vm-build.sh first" >&2
	exit 125
}

job=$(mktemp -d "${TMPDIR:-/tmp}/sbx-vm.XXXXXX")
guest=
# shellcheck disable=SC2317 # the trap calls it
finish() {
	[ -z "$guest" ] || kill "$guest" 2>/dev/null || :
	rm -rf "$job"
}
trap finish EXIT
trap 'exit 130' INT TERM

{
	printf 'cd %q || exit 125\n' "$share"
	printf 'exec'
	printf ' %q' "$@"
	echo
} >"$job/command"
install -m 755 "$here/vm-guest.sh" "$job/guest"
chmod 755 "$job" "$job/command"
: >"$job/console"

timeout -k 5 "$seconds" "$state/kernel" mem="${memory}M" initrd="$state/initrd.gz" umid="sbx$$" uml_dir="$job/" \
	con=null con0=null,fd:3 con1=null,fd:4 quiet loglevel=1 panic=-1 systemd.show_status=0 systemd.log_level=warning \
	sbx.mode=$mode sbx.root="$root" sbx.share="$share" sbx.job="$job" sbx.uid="$uid" sbx.out=tty1 \
	3>"$job/console" 4>&1 >>"$job/console" 2>&1 </dev/null &
guest=$!
ended=0
wait "$guest" || ended=$?
guest=

if [ $verbose = yes ] || [ ! -s "$job/status" ]; then
	sed 's/^/vm: /' "$job/console" >&2
fi
[ ! -s "$job/status" ] || exit "$(cat "$job/status")"
[ $ended != 124 ] || exit 124
exit 125
