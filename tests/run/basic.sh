#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The launcher for real: what is visible, writable, reachable inside; exit statuses; streams; signals.
# Once as root and once as an ordinary user.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

run_as=$SRCDIR/tests/run-as
test_folder

# Sets SBX to a program that this kernel starts with no more options.
use() {
	SBX=$1
	[ -n "$EXTRA" ] || return 0
	SBX=$T/sbx-$2
	printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$1" "$EXTRA" >"$SBX"
	chmod 755 "$SBX"
}

sbx() {
	if [ "$who" = root ]; then "$SBX" "$@"; else as_user "$SBX" "$@"; fi
}
is() { # is NAME WANTED COMMAND...
	name=$1 wanted=$2
	shift 2
	got=$("$@" 2>"$T/err")
	[ "$got" = "$wanted" ]
	ok $? "$who: $name"
	[ "$got" = "$wanted" ] || { echo "# got: $got" | head -5; sed 's/^/# /' "$T/err" | head -5; }
}
status() { # status NAME WANTED COMMAND...
	name=$1 wanted=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$wanted" ]
	ok $? "$who: $name: status $wanted"
	[ "$got" = "$wanted" ] || { echo "# got $got"; sed 's/^/# /' "$T/err" | head -5; }
}

all_as() {
	who=$1
	D=$T/$who
	mkdir -p "$D/work/sub"
	echo content >"$D/work/file"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D/work"
	cd "$D/work" || exit 99
	# --- the view ---
	is "the command's output comes through" hello sbx echo hello
	is "the working directory is the caller's" "$D/work" sbx pwd
	is "it can be read" content sbx cat file
	status "it can't be written" 1 sbx touch new
	is "with --rw it can" changed sh -c "\"\$0\" \"\$@\" && cat '$D/work/new'" "$run_as" "$who" "$SBX" --user=keep --rw="$D/work" sh -c 'echo changed >new'
	status "/usr can't be written" 1 sbx sh -c 'touch /usr/x 2>/dev/null'
	status "/ can't be written" 1 sbx sh -c 'touch /x 2>/dev/null'
	cd / || exit 99
	is "/tmp is empty and can be written" "x" sbx sh -c 'touch /tmp/x && ls /tmp'
	cd "$D/work" || exit 99
	is "the home is empty" "" sbx sh -c 'ls -A "$HOME"'
	# what sbx makes as root is the command's, who is nobody; and it is there again
	[ "$who" = root ] && {
		XDG_DATA_HOME=$D/data
		export XDG_DATA_HOME
		cd / || exit 99
		is "a private home is the command's" "" sbx --home=private sh -c 'mkdir "$HOME/kept" && echo kept >"$HOME/kept/file"'
		is "and stays" kept sbx --home=private sh -c 'cat "$HOME/kept/file"'
		is "a mount point in it is no wall" "file" sbx --home=private --ro="$D/work:/home/nobody/a/b" sh -c 'cd "$HOME/a/b" && ls file'
		is "a persistent folder is the command's" "made" sbx --persist="$D/new/folder" sh -c "echo made >'$D/new/folder/file' && cat '$D/new/folder/file'"
		is "what is above it is root's" "root nobody" sh -c "echo \$(stat -c %U '$D/new' '$D/new/folder')"
		chown -R root "$D/data/sbx/homes/default"
		status "another's private home is refused" 125 sbx --home=private true
		unset XDG_DATA_HOME
		cd "$D/work" || exit 99
	}
	is "no network but loopback" lo sbx sh -c 'ls /sys/class/net 2>/dev/null || sed -n "s/^ *\([a-z0-9]*\):.*/\1/p" /proc/net/dev'
	is "only its own processes" 1 sbx sh -c 'cd /proc && n=0; for p in [0-9]*; do n=$((n+1)); done; [ $n -le 4 ] && echo 1'
	is "the host name" sandbox sbx uname -n
	status "--hide beats a grant" 1 sbx --ro="$D/work" --hide="$D/work/file" sh -c 'cat file 2>/dev/null'
	is "a target of another name" content sbx --ro="$D/work:/opt/there" cat /opt/there/file
	status "a source that is missing is refused" 125 sbx --ro=/does/not/exist true
	status "unless it is optional" 0 sbx --ro=-/does/not/exist true
	ln -s "$D/work" "$D/link"
	is "a source that is a link" content sbx --ro="$D/link" cat "$D/link/file"
	is "/var/run as a source" "" sbx --ro=/var/run true

	# --- what no profile can show or silently leave out ---
	status "etc = . is refused" 125 sbx --set=filesystem.etc=. true
	status "the host's /proc is refused" 125 sbx --ro=/proc:/x true
	status "no-exec of a link is refused" 125 sbx --set=filesystem.no-exec=/bin true
	status "no-exec below /tmp holds" 126 sbx --set=filesystem.no-exec=/tmp/x --ro=/usr/bin/true:/tmp/x/true /tmp/x/true
	mkdir -p "$D/move/config"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D/move"
	status "control: a folder can be moved" 0 sbx --user=keep --rw="$D/move" sh -c "mv $D/move/config $D/move/c && mv $D/move/c $D/move/config"
	XDG_CONFIG_HOME=$D/move/config
	export XDG_CONFIG_HOME
	status "the profiles can't be moved away" 1 "$run_as" "$who" "$SBX" --user=keep --rw="$D/move" mv "$D/move/config" "$D/move/c"
	status "nor made" 1 "$run_as" "$who" "$SBX" --user=keep --rw="$D/move" touch "$D/move/config/sbx/profiles/default.ini"
	unset XDG_CONFIG_HOME

	# --- names of all kinds ---
	long=$(printf '%0255d' 0)
	for name in 'with blank' "$(printf 'caf\351')" "$long" 'semi;colon' 'quo"te' "apo'strophe"; do
		mkdir -p "$D/names/$name"
		echo here >"$D/names/$name/f"
		is "a folder named '$(printf %s "$name" | tr -cd 'a-z ;' | head -c 20)' (${#name} bytes)" here sbx --ro="$D/names/$name" cat "$D/names/$name/f"
	done

	# --- statuses ---
	status "its own status" 7 sbx sh -c 'exit 7'
	status "a signal" 137 sbx sh -c 'kill -9 $$'
	status "not found" 127 sbx no-such-command
	status "not executable" 126 sbx /etc/passwd
	status "an unknown option" 125 sbx --no-such-option true
	status "an unknown profile" 125 sbx --profile=no-such-profile true
	status "wall time" 124 sbx --wall-time=200ms sleep 10
	is "-- ends the options" "--help" sbx -- printf %s --help

	# --- streams ---
	is "standard input passes" abc sh -c "echo abc | \"\$@\"" sh "$run_as" "$who" "$SBX" cat
	is "a megabyte passes" 1000000 sh -c "head -c 1000000 /dev/zero | \"\$@\" | wc -c" sh "$run_as" "$who" "$SBX" cat
	is "standard error passes" oops sh -c "\"\$@\" 2>&1 >/dev/null" sh "$run_as" "$who" "$SBX" sh -c 'echo oops >&2'
	is "a reader that goes ends the writer" y sh -c "\"\$@\" | head -1" sh "$run_as" "$who" "$SBX" yes

	# shellcheck disable=SC2016
	status "output to /dev/null is counted too" 123 sh -c '"$@" >/dev/null' sh "$run_as" "$who" "$SBX" \
		--set=limits.output-size=1K --wall-time="$(seconds 5)s" yes

	# --- calls that the start itself needs ---
	for denied in errno kill report; do
		for call in execve exit_group clock_gettime; do
			status "$call can't be denied, with denied=$denied" 125 timeout "$(seconds 10)" "$run_as" "$who" "$SBX" \
				--set=syscalls.denied=$denied --set=syscalls.deny=$call true
		done
		for call in mmap close_range fcntl brk; do
			timeout "$(seconds 10)" "$run_as" "$who" "$SBX" --wall-time="$(seconds 2)s" --set=syscalls.denied=$denied --set=syscalls.deny=$call \
				true >/dev/null 2>&1
			got=$?
			[ $got -lt 124 ] || [ $got -gt 127 ]
			ok $? "$who: the start does not wait for $call, with denied=$denied"
		done
	done

	# --- signals ---
	"$run_as" "$who" "$SBX" sh -c 'trap "exit 9" TERM; echo ready >&2; while :; do sleep 0.1; done' >/dev/null 2>"$D/ready" &
	pid=$!
	wait_for 10 grep -q ready "$D/ready"
	kill -TERM "$pid"
	wait "$pid"
	ok $(($? != 9)) "$who: SIGTERM reaches the command"
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left behind${left:+: $left}"
}

plain=$SBX
case $CALLERS in
*user* | *gated*)
	if gated_sbx; then
		CALLERS="${CALLERS%gated} gated"
	else
		unavailable "the setuid sbx" "$missing"
		CALLERS=${CALLERS%gated}
	fi
	;;
esac
for caller in $CALLERS; do
	if [ "$caller" = gated ]; then use "$SBX_GATED" gated; else use "$plain" plain; fi
	all_as "$caller"
done
done_testing
