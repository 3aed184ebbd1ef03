#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# desktop.x11 = isolated: what a program does to the other programs of an X11 display, outside and with x11 = yes, where it
# works (the control), and isolated, where it does not; its own window is used as before. The program is x11.py.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool python3 || skip_all "$missing is not installed"
start_display
cp "$SRCDIR/tests/desktop/x11.py" "$T/x11.py"
chmod 644 "$T/x11.py"

# in_x11 yes|isolated COMMAND...: in a sandbox that has the display so
in_x11() {
	how=$1
	shift
	run_x "$SBX" -q --ro="$T/x11.py" --set=desktop.x11="$how" -- "$@"
}
outside() {
	run_x "$@"
}
in_yes() {
	in_x11 yes "$@"
}
in_isolated() {
	in_x11 isolated "$@"
}
client="python3 $T/x11.py"

# background FILE COMMAND...: a client that stays; leaves its pid in $client_pid
background() {
	file=$1
	shift
	"$@" >"$file" 2>&1 &
	client_pid=$!
	pids="$pids $client_pid"
	wait_for 10 test -s "$file"
}

# shellcheck disable=SC2086
background "$T/victim" outside $client window VICTIM e03020
victim_pid=$client_pid
victim=$(sed -n 's/^window //p' "$T/victim")
[ -n "$victim" ] && wait_for 5 shows VICTIM
ok $? "there is another program's window"

# tries WAY WORD...: the first line that it says
tries() {
	way=$1
	shift
	# shellcheck disable=SC2086
	"in_$way" $client "$@" 2>"$T/err" | head -n 1
}
# While a key goes to the other program, which is at $x $y.
x=100 y=100
tries_keys() {
	(
		sleep 0.6
		run_x xdotool mousemove $x $y keydown q
		sleep 0.3
		run_x xdotool keyup q
	) &
	typist=$!
	tries "$@"
	wait "$typist"
}

# attack NAME WORKS FAILS TRY WORD...: works with yes (the answer is WORKS), and not isolated
attack() {
	name=$1 works=$2 fails=$3
	shift 3
	try=$1
	shift
	for way in yes isolated; do
		answer=$("$try" "$way" "$@")
		case $way in yes) want=$works ;; isolated) want=$fails ;; esac
		# shellcheck disable=SC2254
		case $answer in
		$want) true ;;
		*) false ;;
		esac
		ok $? "$([ $way = isolated ] && echo "isolated, it can not" || echo "control: with x11 = yes a program can") $name: $answer"
	done
}

attack "ask which keys are down" "keys 24" "keys" tries_keys keys 2
attack "listen to the keys of another window" "keys 24" "refused: error*" tries_keys listen "$victim" 2
attack "have all of the keyboard" "keys 24" "keys" tries_keys grab 2
attack "see the screen" "pixel e03020" "refused: error*" tries screen 100 100
attack "see another's window" "pixel e03020" "refused: error*" tries pixel "$victim"
attack "send a key to another's window" sent "refused: error*" tries send "$victim"
attack "type" pressed "refused: no extension XTEST" tries press
attack "change another's window" changed kept tries retitle "$victim"
attack "take each key that is typed" "keys 24" "refused: error*" tries_keys grabkey 2
attack "become the window manager" managed "refused: error*" tries manage
attack "take the focus by itself" "has it" "has it not" tries focus
attack "move the pointer" moved "is where it was" tries warp
attack "swap the buttons of the pointer" "other buttons (done)" "the same buttons (done)" tries buttons
attack "change how the pointer moves and the keyboard sounds; nor is ringing the bell its end" changed kept tries controls
attack "give a key another meaning" mapped "refused: error*" tries map
attack "draw on the screen" drawn "refused: error*" tries draw
attack "see what is below its window" "pixel e03020" "pixel ffffff" tries under 100 100
attack "keep the screen from being locked" changed kept tries saver
attack "let in whoever asks" set "refused: error*" tries open
outside python3 "$T/x11.py" close >/dev/null
# By these, programs find the settings (with the names of modules that they load), the window manager and the input method.
for name in _XSETTINGS_S0 WM_S0 @server=ibus; do
	attack "have the selection $name" "has it" "has it not" tries takeover $name
done
# shellcheck disable=SC2086
background "$T/manager" outside $client hear
manager=$client_pid
attack "tell the window manager of another's window" told told tries tell _NET_CLOSE_WINDOW "$victim"
attack "tell it of all windows" told told tries tell _NET_SHOWING_DESKTOP "$(sed -n 's/^root //p' "$T/victim")"
sleep 0.2
[ "$(grep -c "^message _NET_CLOSE_WINDOW $victim$" "$T/manager")" = 1 ] && [ "$(grep -c "^message _NET_SHOWING_DESKTOP" "$T/manager")" = 1 ]
ok $? "of the two times that each was told, the window manager has heard one, which was not isolated: $(grep -c message "$T/manager")"
kill "$manager"
attack "read the title of another's window" "title CHANGED" "title " tries title "$victim"
attack "read what is on its way to another program" "property PASTED TEXT" "property " tries read "$victim" SOME_SELECTION
attack "use the extensions" "*RECORD*XInputExtension*XTEST*" "BIG-REQUESTS XC-MISC" tries extensions
seen=$(tries isolated kill "$victim")
case $seen in refused:*) kill -0 "$victim_pid" ;; *) false ;; esac
ok $? "isolated, it can not end another program: $seen"
seen=$(tries yes kill "$victim")
[ "$seen" = killed ] && wait_for 5 sh -c "! kill -0 $victim_pid 2>/dev/null"
ok $? "control: with x11 = yes a program can end another program: $seen"

# Its own window is there, is typed into, and pasted into.
# shellcheck disable=SC2086
background "$T/own" in_isolated $client window OWN 20c040
wait_for 5 shows OWN
ok $? "its own window is there, with its title"
seen=$(outside python3 "$T/x11.py" screen 100 100)
[ "$seen" = "pixel 20c040" ]
ok $? "and its picture: $seen"
run_x xdotool mousemove 110 110 key a
wait_for 5 grep -q '^key 38' "$T/own"
ok $? "what is typed into it arrives"
# shellcheck disable=SC2086
background "$T/owner" outside $client own "FROM THE HOST"
seen=$(tries isolated paste)
[ "$seen" = "pasted FROM THE HOST" ]
ok $? "what is selected outside can be pasted, and so be read: $seen"
kill "$client_pid"

# Another sandbox is untrusted, too, and so for the server the same; not for the relay.
own=$(sed -n 's/^window //p' "$T/own")
foreign() {
	seen=$(tries isolated "$@")
	case $seen in refused:\ error* | kept) true ;; *) false ;; esac
	ok $? "a second sandbox can't do this to the first: $1: $seen"
}
cp "$T"/run/sbx.services/*/untrusted "$T/stolen"
chmod 644 "$T/stolen"
seen=$(outside env XAUTHORITY="$T/stolen" python3 "$T/x11.py" pixel "$own")
[ "$seen" = "pixel 20c040" ]
ok $? "control: for the server, one untrusted client may do everything to another: $seen"
foreign pixel "$own"
foreign listen "$own" 1
foreign retitle "$own"
foreign send "$own"
foreign send 0
foreign kill "$own"

# The numbers of a client that is gone are the next one's, who may be of another sandbox.
reuses() {
	rm -f "$T/reuse"
	background "$T/reuse" "$@" python3 "$T/x11.py" reuse
	seen=$(outside env XAUTHORITY="$T/stolen" python3 "$T/x11.py" follow "$(sed -n 's/^window //p' "$T/reuse")" 3)
	wait "$client_pid"
	grep -q "^done" "$T/reuse" || seen="$seen, and no more is done"
}
reuses outside env XAUTHORITY="$T/stolen"
[ "$seen" = "title STOLEN" ]
ok $? "control: for the server, what was asked for the window of a client that is gone is done to that of the next: $seen"
reuses in_isolated
case $seen in "title MINE" | "not before that is done") true ;; *) false ;; esac
ok $? "through the relay it is not: $seen"

# The cookie of the relay is the server's, untrusted, and is worth nothing when the sandbox has ended.
seen=$(outside env XAUTHORITY="$T/stolen" python3 "$T/x11.py" extensions)
[ "$seen" = "BIG-REQUESTS XC-MISC" ]
ok $? "control: while it runs, its cookie is one of the server's, for an untrusted client: $seen"
pkill -TERM -f "x11.py window OWN"
wait_for 5 sh -c "[ -z \"\$(ls '$T/run/sbx.services')\" ]"
ok $? "nothing is left in the folder of the services"
seen=$(outside env XAUTHORITY="$T/stolen" python3 "$T/x11.py" extensions)
case $seen in refused:*) true ;; *) false ;; esac
ok $? "then the cookie is worth nothing: $seen"

# A server that lets in whoever is this user (xhost): without its cookie a client would be trusted.
outside python3 "$T/x11.py" open >/dev/null
seen=$(outside python3 "$T/x11.py" --without-cookie extensions)
case $seen in *XTEST*) true ;; *) false ;; esac
ok $? "control: a server that asks for no cookie trusts a client without one"
seen=$(in_isolated python3 "$T/x11.py" --without-cookie extensions)
[ "$seen" = "BIG-REQUESTS XC-MISC" ]
ok $? "isolated, a client that leaves its cookie out is not trusted either: $seen"
outside python3 "$T/x11.py" close >/dev/null

# A relay that can't start, for want of sockets, while the view of the command is made: it does not run.
mkdir -p "$T/config/sbx/profiles"
printf '[profile]\ndescription = broken\n[process]\nkeep-fd = 3 4\n[syscalls]\ndeny = socket\n' >"$T/config/sbx/profiles/x11-relay.ini"
chmod -R a+rX "$T/config"
run_x "$SBX" -q --rw="$T/work" --set=desktop.x11=isolated -- touch "$T/work/ran" 2>"$T/err"
[ $? = 125 ] && grep -q 'x11-relay ended with status' "$T/err" && [ ! -e "$T/work/ran" ]
ok $? "a relay that can't start ends it before the command runs: $(head -n 1 "$T/err")"
rm "$T/config/sbx/profiles/x11-relay.ini"

# As root, whose services run as nobody.
if [ "$(id -u)" = 0 ]; then
	seen=$(env DISPLAY="$display" XAUTHORITY="$T/xauth" "$SBX" -q --ro="$T/x11.py" --set=desktop.x11=isolated -- python3 "$T/x11.py" extensions)
	[ "$seen" = "BIG-REQUESTS XC-MISC" ]
	ok $? "as root: $seen"
fi

# A server without SECURITY: another server in a window of it.
for pid in $pids; do
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
done
pids=
rm -rf "$T" "$secret"
server_options="-extension SECURITY"
start_display
cp "$SRCDIR/tests/desktop/x11.py" "$T/x11.py"
chmod 644 "$T/x11.py"
client="python3 $T/x11.py"
# shellcheck disable=SC2086
background "$T/victim" outside $client window VICTIM e03020
if need Xephyr; then
	x=950 y=850 # below the window of that server
	run_x xdotool windowmove "$(sed -n 's/^window //p' "$T/victim")" 900 810
	seen=$(tries_keys isolated keys 2)
	[ "$seen" = "keys" ] && grep -q '^key 24' "$T/victim"
	ok $? "without SECURITY, in a server of its own, it sees no keys of others: $seen"
	seen=$(tries isolated title "$(sed -n 's/^window //p' "$T/victim")")
	case $seen in refused:*) true ;; *) false ;; esac
	ok $? "nor their windows: $seen"
	# shellcheck disable=SC2086
	background "$T/own" in_isolated $client window OWN 20c040
	wait_for 10 shows "sbx"
	ok $? "the window of that server is there"
	run_x xdotool windowraise "$(head -n 1 "$T/window")" sleep 0.3 mousemove 110 110 sleep 0.3 key a
	wait_for 5 grep -q '^key 38' "$T/own"
	ok $? "what is typed into it arrives"
	pkill -TERM -f "x11.py window OWN"
	wait_for 5 sh -c "[ -z \"\$(ls '$T/run/sbx.services')\" ]"
	ok $? "nothing is left of it"
else
	skip "a server without SECURITY" "Xephyr is not installed"
fi
done_testing
