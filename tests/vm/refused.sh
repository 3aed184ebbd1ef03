#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What sbx refuses because this kernel lacks it or its administrator forbids it, and that it says why: with 125, a message
# with the name of what is missing, and without running anything. What is missing is asked of the kernel.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
cd / || exit 99

# refused TEXT OPTION...: the message has the text
refused() {
	text=$1
	shift
	as "$SBX" "$@" -- sh -c 'echo it ran; echo it ran >&2' >"$T/out" 2>"$T/err" </dev/null
	status=$?
	[ $status = 125 ] && [ ! -s "$T/out" ] && grep -qF -- "$text" "$T/err" && ! grep -q 'it ran' "$T/err"
	ok $? "$who: refused with '$*', and '$text' is named"
	[ $status = 125 ] || note "status $status"
	grep -qF -- "$text" "$T/err" || note_file "$T/err"
}

# starts LANDLOCK OPTION...: it runs, and the report has this version of Landlock
starts() {
	wanted=$1
	shift
	as "$SBX" "$@" --report=fd:1 --stdout=/dev/null -- true >"$T/out" 2>"$T/err" </dev/null
	status=$?
	said=$(sed -n 's/.*"landlock" *: *\([0-9]*\).*/\1/p' "$T/out")
	[ $status = 0 ] && [ "$said" = "$wanted" ]
	ok $? "$who: starts with '$*', and the report says Landlock $wanted"
	[ $status = 0 ] && [ "$said" = "$wanted" ] || note "status $status, Landlock '$said': $(head -c 1000 "$T/err")"
}

# Landlock alone, as options of sbx need it.
landlock() {
	if [ "$LANDLOCK" = 0 ]; then
		refused "no Landlock"
		refused "no Landlock" --best-effort=limits
		starts 0 --best-effort=landlock
	else
		starts "$1"
	fi
	if [ "$LANDLOCK" -lt 6 ]; then
		[ "$LANDLOCK" = 0 ] || refused "Landlock ABI 6" --net=host
		starts "$1" --net=host --best-effort=landlock
	else
		starts 6 --net=host
	fi
	if [ "$LANDLOCK" -lt 4 ]; then
		[ "$LANDLOCK" = 0 ] || refused "Landlock ABI 4" --net=host --set=network.connect-tcp=443
		starts "$1" --net=host --set=network.connect-tcp=443 --best-effort=landlock
	fi
}

# forbidden SYSCTL: user namespaces are, for root too, who has no privilege in the first to make the second
forbidden() {
	as unshare -U unshare -U true 2>"$T/err"
	[ $? != 0 ]
	ok $? "$who: control: the kernel refuses a user namespace"
	refused "$1"
	refused "$1" --best-effort=landlock
	[ "$LANDLOCK" -ge 6 ] || refused "$1" --best-effort=namespaces,landlock
	as "$SBXCTL" doctor >"$T/out" 2>&1
	[ $? != 0 ] && grep -q "fix: sysctl $1=" "$T/out"
	ok $? "$who: sbxctl doctor names $1"
	[ "$(id -u)" = 0 ] || return 0
	before=$(cat "$2")
	echo "$3" >"$2"
	as "$SBX" $EXTRA true >"$T/out" 2>"$T/err"
	ok $? "$who: control: it starts with sysctl $1=$3"
	echo "$before" >"$2"
}

is_zero() {
	[ "$(cat "$1" 2>/dev/null)" = 0 ]
}

clone=/proc/sys/kernel/unprivileged_userns_clone
most=/proc/sys/user/max_user_namespaces
for who in $CALLERS; do
	if is_zero $clone; then
		forbidden kernel.unprivileged_userns_clone $clone 1
	elif is_zero $most; then
		forbidden user.max_user_namespaces $most 10000
	else
		case $LANDLOCK in
		[0-2]) landlock "$LANDLOCK" ;;
		[3-4]) landlock 3 ;;
		5) landlock 5 ;;
		*) landlock 6 ;;
		esac
	fi
done
done_testing
