#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# desktop.wayland = isolated: the compositor is told what a sandbox is, and takes its clients as such, until sbx has ended. The
# compositor is one of our own, which draws nothing and tells what it is asked (fake-compositor.py).
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

need python3 || skip_all "$missing is not installed"
test_folder
as_user true || skip_all "no ordinary user"
mkdir "$T/run" && chmod 700 "$T/run" && chown "$TEST_UID:$TEST_GID" "$T/run"
cp "$SRCDIR/tests/desktop/fake-compositor.py" "$T/"
chmod 644 "$T/fake-compositor.py"
compositor=
trap '[ -z "$compositor" ] || kill $compositor 2>/dev/null; rm -rf "$T"' EXIT

E="env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=$TEST_HOME USER=$TEST_NAME XDG_RUNTIME_DIR=$T/run WAYLAND_DISPLAY=wayland-7"
in_env() {
	# shellcheck disable=SC2086
	as_user $E "$@"
}
# start COMMAND...: the pid that is left, in $started, is that of the command itself
start() {
	(
		# shellcheck disable=SC2086
		[ "$(id -u)" != 0 ] || exec setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups $E "$@"
		# shellcheck disable=SC2086
		exec $E "$@"
	) >"$T/log" 2>&1 &
	started=$!
}
# compositor [without|damaged]: another one, with a log of its own
compositor() {
	if [ -n "$compositor" ]; then
		kill "$compositor" 2>/dev/null
		wait "$compositor" 2>/dev/null
	fi
	rm -f "$T/run/wayland-7"
	start python3 "$T/fake-compositor.py" "$T/run/wayland-7" "$@"
	compositor=$started
	wait_for 5 test -S "$T/run/wayland-7"
}
# In place of a program that draws: it says one word.
hello='import os, socket
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["XDG_RUNTIME_DIR"] + "/" + os.environ["WAYLAND_DISPLAY"])
s.sendall(b"\0\0\0\0hello")
s.recv(100)'
log() {
	wait_for 5 grep -aq "$1" "$T/log"
}

compositor
in_env "$SBX" -q --set=desktop.wayland=yes -- python3 -c "$hello"
log 'a client says .*hello' && ! grep -aq context "$T/log"
ok $? "control: with wayland = yes a program is a client as every other"
in_env "$SBX" --set=desktop.wayland=isolated --explain -- true >"$T/plan" 2>&1
grep -q "wayland-context  *name=wayland compositor=$T/run/wayland-7 as=io.sbx io.sbx.default" "$T/plan" && ! grep -aq context "$T/log"
ok $? "--explain says what would be asked, and asks for nothing"

in_env "$SBX" -q --profile=default --set=desktop.wayland=isolated -- python3 -c "$hello"
status=$?
log '^a client of io.sbx.default says .*hello' && [ $status = 0 ]
ok $? "isolated, the compositor knows it as a client of a sandbox"
log '^context of io.sbx io.sbx.default [0-9][0-9]*$'
ok $? "with its engine, profile and number: $(grep -a '^context' "$T/log" | head -n 1)"
log '^context of io.sbx.default ends$'
ok $? "when it has ended, the compositor takes no clients for it any more"
! in_env "$SBX" -q --set=desktop.wayland=isolated -- ls "$T/run" >"$T/out" 2>&1
ok $? "the socket of the compositor itself is out of sight: $(head -n 1 "$T/out")"
[ -z "$(ls "$T/run/sbx.services")" ]
ok $? "nothing is left in the folder of the services"

compositor
in_env "$SBX" -q --set=desktop.wayland=isolated -- sleep 60 &
log '^context of io.sbx io.sbx.default'
pkill -KILL -f "^$SBX -q --set=desktop.wayland=isolated -- sleep 60"
log '^context of io.sbx.default ends$'
ok $? "also when sbx is killed"

# Where it can't: refused, or, if the profile accepts it, as every other, and the report says so.
compositor without
in_env "$SBX" -q --set=desktop.wayland=isolated -- touch "$T/run/ran" 2>"$T/err"
[ $? = 125 ] && grep -q 'does not isolate its clients.*(layer wayland)' "$T/err" && [ ! -e "$T/run/ran" ]
ok $? "a compositor that can't: $(head -n 1 "$T/err")"
in_env "$SBX" -q --best-effort=wayland --set=desktop.wayland=isolated --report="$T/run/report" -- python3 -c "$hello"
log 'a client says .*hello' && tr -d ' \n' <"$T/run/report" | grep -q '"degraded":\[{"layer":"wayland"'
ok $? "with best-effort it is a client as every other, and the report says so"
compositor damaged
in_env "$SBX" -q --best-effort=wayland --set=desktop.wayland=isolated -- true 2>"$T/err"
[ $? = 125 ] && grep -q 'what the compositor answers is damaged' "$T/err"
ok $? "an answer that is none is refused, best-effort or not: $(head -n 1 "$T/err")"

# A real one. That of Debian 12 does not know the protocol.
if need sway; then
	printf 'output HEADLESS-1 mode 640x480\n' >"$T/sway"
	chmod 644 "$T/sway"
	rm -f "$T"/run/wayland-*
	kill "$compositor"
	wait "$compositor" 2>/dev/null
	start env WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 sway -c "$T/sway"
	compositor=$started # ends with the test, however that ends
	wait_for 10 sh -c "ls '$T'/run/wayland-[0-9] >/dev/null 2>&1"
	name=$(cd "$T/run" && echo wayland-[0-9])
	in_env WAYLAND_DISPLAY="$name" "$SBX" -q --set=desktop.wayland=isolated -- true 2>"$T/err"
	status=$?
	[ $status = 0 ] || { [ $status = 125 ] && grep -q 'does not isolate its clients' "$T/err"; }
	ok $? "sway takes it, or says that it can't: $(head -n 1 "$T/err")"
else
	unavailable "a real compositor" "sway is not installed (build-aux/packages-desktop.txt)"
fi
done_testing
