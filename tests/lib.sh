# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the shell tests share: results in TAP, an ordinary user, and a look at what a test has left behind.
#
#   ok STATUS NAME               one result: 0 is good
#   result NAME COMMAND...       the same of a command, for the caller $who; if it fails, with $status and the ends of the files
#                                out and err of $D, or of $T
#   pass NAME, fail NAME         the same, known before
#   skip NAME REASON             could not be tried; a failure where SBX_MUST_WORK=1 says that all must work
#   unavailable NAME REASON      could not be tried, for want of a thing that no machine must have (a device, a manager)
#   skip_all REASON              as skip, for the whole script, which ends
#   note TEXT, note_file FILE    lines for a human, after a failure
#   done_testing                 the last line of a script (also called finish): writes the plan, returns 1 if any failed
#   test_folder                  makes $T, a folder that all users may enter; removed when the script ends
#   as_user COMMAND...           runs it as the ordinary user $TEST_UID:$TEST_GID; for an ordinary caller: just runs it
#   as COMMAND...                runs it as $who says: root, or else the ordinary user
#   start_as COMMAND...          the same in the background; the pid of the command itself is $!
#   memory_has_attributes        true if a tmpfs has extended attributes (Linux 6.6, TMPFS_XATTR), without which an overlay is less
#   between LOW VALUE HIGH       true if the number is in the range
#   in_time LOW VALUE HIGH       the same of a time; on a slow machine the range is as many times as wide
#   seconds NUMBER               prints it, and on a slow machine as many times more
#   wait_for SECONDS COMMAND...  tries it ten times a second until it succeeds; longer on a slow machine
#   need PROGRAM...              true if all are installed; else $missing is the first that is not
#   need_images                  true if sbx has them, or the script ends: skipped
#   gated_sbx                    makes $SBX_GATED, a copy of sbx that is setuid root; fails, with $missing, where that can't be
#   need_gated                   the same, or the script ends: skipped
#   own_ids                      makes $OWN_IDS: "$OWN_IDS FILE COMMAND..." runs it where /etc/subuid and /etc/subgid are FILE, and
#                                nowhere else; and the file $T/ids, with a range for each caller. Fails, with $missing, for others than root
#   leftovers                    prints the processes, cgroups and mounts of sbx that this test has left; nothing is good
#   nothing_left                 one result: there are none
#
# In the environment: SBX, SBXCTL the programs; SRCDIR, BUILDDIR; SBX_TEST_USER, the name of the ordinary user;
# SBX_TEST_CALLERS, of "root user" those that the tests call sbx as, by default both, or one's own; SBX_TEST_SLOW, how many
# times slower than a usual machine this one is, by default 1. Set here: $CALLERS, and $EXTRA, the options without which sbx
# does not start on this kernel: --best-effort=landlock where there is no Landlock.

tap_count=0
tap_failed=0

pass() {
	tap_count=$((tap_count + 1))
	tap_name "$1"
	printf 'ok %d - %s\n' "$tap_count" "$tap_named"
}

fail() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	tap_name "$1"
	printf 'not ok %d - %s\n' "$tap_count" "$tap_named"
}

# Sets $tap_named: a '#' or a line end in a name would be read as a directive or a new line.
tap_name() {
	tap_named=$1
	case $1 in
	*"#"* | *"
"*) tap_named=$(printf %s "$1" | tr '#\n' '. ') ;;
	esac
}

ok() {
	if [ "$1" = 0 ]; then pass "$2"; else fail "$2"; fi
}

unavailable() {
	tap_count=$((tap_count + 1))
	tap_name "$1"
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$tap_named" "$2"
}

skip() {
	if [ "${SBX_MUST_WORK-}" = 1 ]; then
		fail "$1: must not be skipped: $2"
	else
		unavailable "$1" "$2"
	fi
}

skip_all() {
	if [ "${SBX_MUST_WORK-}" = 1 ]; then
		fail "must not be skipped: $1"
		done_testing
		exit 1
	fi
	[ -z "$tap_home" ] || rm -rf "$tap_home"
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

note() {
	printf '%s\n' "$1" | sed 's/^/# /'
}

note_file() {
	note "$(head -c 4096 "$1")"
}

done_testing() {
	[ -z "$tap_home" ] || rm -rf "$tap_home"
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" = 0 ]
}

finish() {
	done_testing
}

test_folder() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/sbx-test.XXXXXX") || exit 99
	chmod 755 "$T"
	trap 'rm -rf "$T" ${tap_home:+"$tap_home"}' EXIT
	trap 'exit 130' INT TERM HUP
}

memory_has_attributes() {
	python3 -c 'import os, tempfile; file = tempfile.TemporaryFile(dir="/dev/shm"); os.setxattr(file.fileno(), "user.sbx", b"")' 2>/dev/null
}

need_images() {
	[ -x "${SBX%/bin/sbx}/libexec/sbx/sbx-archive" ] && return
	unavailable "images" "built without libarchive"
	done_testing
	exit
}

result() {
	result_name=$1
	shift
	"$@"
	result_is=$?
	ok $result_is "${who-}: $result_name"
	[ $result_is = 0 ] || note "status ${status-}: $(head -c 900 "${D:-$T}/out") $(head -c 600 "${D:-$T}/err")"
}

between() {
	awk -v low="$1" -v value="$2" -v high="$3" 'BEGIN { exit !(value + 0 == value && value >= low && value <= high) }'
}

# All waiting and all upper bounds of times go through these two.
SBX_TEST_SLOW=${SBX_TEST_SLOW:-1}
export SBX_TEST_SLOW

seconds() {
	echo $(($1 * SBX_TEST_SLOW))
}

in_time() {
	between "$1" "$2" "$(awk -v low="$1" -v high="$3" -v slow="$SBX_TEST_SLOW" 'BEGIN { print low + (high - low) * slow }')"
}

wait_for() {
	tap_tries=$(($(seconds "$1") * 10))
	shift
	while [ "$tap_tries" -gt 0 ]; do
		"$@" && return 0
		sleep 0.1
		tap_tries=$((tap_tries - 1))
	done
	return 1
}

need() {
	for missing; do
		command -v "$missing" >/dev/null || return 1
	done
}

# The ordinary user: one that exists, or an id without a name and with a home that is made.
tap_home=
tap_find_user() {
	TEST_UID=$(id -u) TEST_GID=$(id -g) TEST_HOME=${HOME:-/} TEST_NAME=$(id -un 2>/dev/null || echo someone)
	[ "$TEST_UID" = 0 ] || return 0
	TEST_NAME=${SBX_TEST_USER:-sbxtest}
	if TEST_UID=$(id -u "$TEST_NAME" 2>/dev/null); then
		TEST_GID=$(id -g "$TEST_NAME")
		TEST_HOME=$(getent passwd "$TEST_NAME" | cut -d: -f6)
		return 0
	fi
	TEST_UID=1000
	while getent passwd "$TEST_UID" >/dev/null; do TEST_UID=$((TEST_UID + 1)); done
	TEST_GID=$TEST_UID TEST_NAME=someone
	tap_home=$(mktemp -d /var/tmp/sbx-home.XXXXXX) || exit 99
	chown "$TEST_UID:$TEST_GID" "$tap_home"
	TEST_HOME=$tap_home
}
tap_find_user
export TEST_UID TEST_GID TEST_HOME TEST_NAME

# The kernel is asked, not sbx. A program of the build does it; without one, there is nothing that needs the answer.
tap_attack=${ATTACK:-${BUILDDIR:-.}/tests/attack/attack}
LANDLOCK=$("$tap_attack" landlock-version 2>/dev/null || echo unknown)
EXTRA=
[ "$LANDLOCK" != 0 ] || EXTRA=--best-effort=landlock
CALLERS=user
[ "$(id -u)" != 0 ] || CALLERS="root user"
CALLERS=${SBX_TEST_CALLERS:-$CALLERS}

as_user() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
	else
		setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups env -u XDG_RUNTIME_DIR -u XDG_CONFIG_HOME \
			-u XDG_DATA_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME HOME="$TEST_HOME" USER="$TEST_NAME" \
			LOGNAME="$TEST_NAME" "$@"
	fi
}

# shellcheck disable=SC2154 # the script that calls it sets it
as() {
	if [ "$who" = root ]; then "$@"; else as_user "$@"; fi
}

# exec: else $! would be the pid of a shell, and whoever ends that leaves the command.
start_as() {
	if [ "$who" = root ] || [ "$(id -u)" != 0 ]; then
		(exec "$@") &
	else
		(exec setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups "$@") &
	fi
}

# Below $T, which is removed. It finds its profiles and helpers beside it, as an installed one does.
# shellcheck disable=SC2034 # $missing is for the caller
gated_sbx() {
	missing="this is not root"
	[ "$(id -u)" = 0 ] || return 1
	missing="a build with sanitizers is not made to be setuid"
	[ "${SANITIZERS-}" != yes ] || return 1
	SBX_GATED=$T/gated/bin/sbx
	mkdir -p "$T/gated/bin" && ln -s "${SBX%/bin/*}/share" "${SBX%/bin/*}/libexec" "$T/gated/" &&
		cp "${BUILDDIR:?}/tests/gate/sbx" "$SBX_GATED" && chown 0:0 "$SBX_GATED" && chmod 4755 "$SBX_GATED" || exit 99
	# shellcheck disable=SC2086 # a list of words
	as_user "$SBX_GATED" $EXTRA --explain true >"$T/gated/plan" 2>&1 && grep -q ' gate ' "$T/gated/plan" && return
	missing="the setuid sbx does not work below $T: $(head -n 1 "$T/gated/plan")"
	return 1
}

need_gated() {
	gated_sbx && return
	[ "${SANITIZERS-}" = yes ] || skip_all "$missing"
	unavailable "the setuid sbx" "$missing"
	done_testing
	exit
}

own_ids() {
	missing="only root can lay a file over /etc/subuid, in a mount namespace"
	[ "$(id -u)" = 0 ] || return 1
	OWN_IDS=$T/own-ids
	cat >"$OWN_IDS" <<'END'
#!/bin/sh
# shellcheck disable=SC2016 # the inner shell expands it
exec unshare -m sh -c 'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && exec "$@"' "$@"
END
	chmod 755 "$OWN_IDS"
	printf 'sbx:1879048192:65536\n%s:1879113728:65536\n' "$TEST_NAME" >"$T/ids"
	missing="there is no /etc/subuid, or nothing can be laid over it"
	"$OWN_IDS" "$T/ids" true 2>/dev/null
}

# Marks every process that this test starts; the monitor and the init of a sandbox keep the mark.
SBX_TEST_MARK=$$.$(cut -d' ' -f22 /proc/$$/stat)
export SBX_TEST_MARK

tap_processes() {
	for folder in /proc/[0-9]*; do
		{ read -r name <"$folder/comm"; } 2>/dev/null || continue
		case $name in
		sbx*) ;;
		*) continue ;;
		esac
		[ "$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "$folder/status" 2>/dev/null)" != Z ] || continue
		{ tr '\0' '\n' <"$folder/environ"; } 2>/dev/null | grep -qx "SBX_TEST_MARK=$SBX_TEST_MARK" &&
			printf 'process %s (%s)\n' "${folder#/proc/}" "$name"
	done
}

# A cgroup is named sbx-PID-N; PID is the monitor, which removes it before it ends.
tap_cgroups() {
	find /sys/fs/cgroup -maxdepth 6 -type d -name 'sbx-[0-9]*-[0-9]*' 2>/dev/null | while read -r group; do
		pid=${group##*/sbx-}
		[ -e "/proc/${pid%%-*}" ] || printf 'cgroup %s\n' "$group"
	done
}

tap_mounts() {
	[ -n "${T-}" ] && awk -v below="$T" 'index($5, below) == 1 { print "mount " $5 }' /proc/self/mountinfo
}

# The last process of a sandbox may be seen for a moment after its monitor has ended: look again before complaining.
leftovers() {
	for tap_try in 1 2 3 4 5; do
		tap_found=$(tap_processes; tap_cgroups; tap_mounts)
		[ -n "$tap_found" ] || return 0
		[ "$tap_try" = 5 ] || sleep 0.2
	done
	printf '%s\n' "$tap_found"
}

nothing_left() {
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "nothing is left"
	[ -z "$left" ] || note "$left"
}
