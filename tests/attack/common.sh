# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2034
# What the attack scripts share. A case is a function t_X1 for the id T-X1; it is called once as root and once as an ordinary
# user, with $WHO, and with $D, a folder of that caller's own, which holds the empty folders home, work and victim.
#
#   control NAME COMMAND...   the command must say OPEN: the attack works where nothing stops it
#   closed NAME COMMAND...    the command must say SHUT
#   refused NAME COMMAND...   sbx must end with 125 and a message, and nothing may have run
#   safe NAME COMMAND...      either of the two

# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
mkdir "$T/bin"
cp "${ATTACK:-${BUILDDIR:-.}/tests/attack/attack}" "$T/bin/attack" || exit 99
A=$T/bin/attack
S="$SBX $EXTRA"
B="$S --profile=default --ro=$T/bin"
# The host's network, by the only words that start it: before Landlock 6 its abstract sockets stay open (T-N3).
HOST=--net=host
[ "$LANDLOCK" -ge 6 ] || HOST="--net=host --best-effort=landlock"
echo SECRET >"$T/secret"
cd / || exit 99

# sbx takes the home of /etc/passwd, not of HOME; its profiles of the caller are where XDG_CONFIG_HOME says.
as_caller() {
	if [ "$WHO" = root ]; then
		env HOME="$D/home" XDG_CONFIG_HOME="$D/home/.config" timeout --foreground -k 2 "$(seconds 30)" "$@"
	else
		as_user env HOME="$D/home" XDG_CONFIG_HOME="$D/home/.config" timeout --foreground -k 2 "$(seconds 30)" "$@"
	fi
}

# The output is in $out, the errors in $T/err, the status in $status.
try() {
	out=$(as_caller "$@" 2>"$T/err" </dev/null)
	status=$?
}

# Results on standard error count, too, for attacks on standard output.
says() {
	said=$out
	[ ! -s "$T/err" ] || said=$out$(grep -m1 -E '^(OPEN|SHUT|BROKEN) ' "$T/err")
	case $said in
	"$1 "*) return 0 ;;
	esac
	return 1
}

verdict() {
	ok "$1" "$ID as $WHO: $2"
	[ "$1" = 0 ] || note "status $status: $out | $(head -c 1000 "$T/err" | LC_ALL=C tr -c ' -~' '|')"
}

control() {
	case_name=$1
	shift
	try "$@"
	says OPEN
	verdict $? "control: $case_name"
}

# Since Linux 6.2 only an administrator types into terminals, where this says so: then a user has no way to be closed.
control_tiocsti() {
	if [ "$WHO" != root ] && [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null)" = 0 ]; then
		unavailable "$ID as $WHO: control: $1" "this kernel denies it to users (dev.tty.legacy_tiocsti is 0)"
	else
		control "$@"
	fi
}

closed() {
	case_name=$1
	shift
	try "$@"
	[ "$status" = 0 ] && says SHUT
	verdict $? "$case_name"
}

is_refused() {
	[ "$status" = 125 ] && [ -s "$T/err" ] && ! says OPEN && ! says SHUT
}

refused() {
	case_name=$1
	shift
	try "$@"
	is_refused
	verdict $? "$case_name"
}

safe() {
	case_name=$1
	shift
	try "$@"
	is_refused || { [ "$status" = 0 ] && says SHUT; }
	verdict $? "$case_name"
}

# Names, types, modes, owners, times and contents below a folder.
tree_hash() {
	tar -C "$1" --sort=name --numeric-owner -cf - . | sha256sum
}

# holds NAME CONDITION...: a plain test.
holds() {
	case_name=$1
	shift
	"$@"
	verdict $? "$case_name"
}

fresh_folders() {
	D=$T/$WHO.$ID
	mkdir "$D" "$D/home" "$D/work" "$D/victim"
	give "$D"
}

# The folder and all below it belong to the caller.
give() {
	[ "$WHO" = root ] || chown -hR "$TEST_UID:$TEST_GID" "$@"
}

nothing_left() {
	out=$(leftovers)
	[ -z "$out" ]
}

# cases "ARGUMENT OF THE SCRIPT" T-X1 ...: runs the one that is asked for, or all.
cases() {
	only=$1
	shift
	for ID in "$@"; do
		[ -z "$only" ] || [ "$only" = "$ID" ] || continue
		for WHO in $CALLERS; do
			fresh_folders
			"t_${ID#T-}"
		done
	done
	finish
}
