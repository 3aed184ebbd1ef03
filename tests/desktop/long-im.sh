#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Input methods, the real ones: IBus and Fcitx outside, with one that makes letters with accents from a letter and a sign; what
# is typed into programs of GTK and Qt in a sandbox comes out as such, and plainly without the setting, without a portal and
# without an input method. What a hostile program would do to those of others is refused; outside, it works.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"
# shellcheck source=tests/desktop/use-common.sh
. "${SRCDIR:?}/tests/desktop/use-common.sh"

need Xvfb xauth xdotool import python3 openbox dbus-daemon xdg-dbus-proxy gdbus l3afpad featherpad mousepad abiword hexchat \
	claws-mail netsurf-gtk thunderbird firefox-esr ||
	skip_all "$missing is not installed"
for file in bin/ibus-daemon bin/fcitx5 lib/x86_64-linux-gnu/gtk-3.0/3.0.0/immodules/im-ibus.so share/m17n/latn-post.mim \
	lib/x86_64-linux-gnu/gtk-3.0/3.0.0/immodules/im-fcitx5.so share/fcitx5/addon/m17n.conf share/ibus/component/m17n.xml; do
	[ -e "/usr/$file" ] || skip_all "there is no /usr/$file: see build-aux/packages-desktop.txt"
done
start_display
here=$SRCDIR/tests/desktop
work=$T/work
X="$X DBUS_SESSION_BUS_ADDRESS=unix:path=$T/run/bus XDG_CACHE_HOME=$T/cache GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1"
as_user mkdir -p "$T/config/sbx/profiles" "$work/samples"
mkdir "$T/www" "$T/cache" "$T/config/fcitx5"
chown "$TEST_UID:$TEST_GID" "$T/cache"
python3 "$here/serve.py" "$T/www" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"
url=http://127.0.0.1:$(cat "$T/port")
as_user python3 "$here/samples.py" "$work/samples" "$url"
start_x dbus-daemon --session --address="unix:path=$T/run/bus" --nofork --nopidfile
wait_for 5 test -S "$T/run/bus"
start_x openbox
cat >"$T/config/sbx/profiles/typing.ini" <<'END'
[profile]
include = gui input
best-effort = wayland

[filesystem]
open-arguments = read-write

[process]
writable-code = yes

[desktop]
# featherpad ends where this is refused
dbus-own = org.featherpad.FeatherPad
END
chown -R "$TEST_UID:$TEST_GID" "$T/config"

# written_as FILE TEXT: whatever marks are between
written_as() {
	sed 's/<[^>]*>//g' "$work/$1" | grep -q -- "$2"
}

# IBus answers after the key that comes next, if that comes too soon.
types_slowly() {
	run_x xdotool windowfocus "$(tail -n 1 "$T/window")" 2>/dev/null
	run_x xdotool type --delay 300 "$1" 2>/dev/null
}

# typed "WHAT" WANT PROGRAM FILE OPTION...: cafe' is typed into the file, which then has WANT
typed() {
	what=$1 want=$2 program=$3 file=$4
	shift 4
	as_user cp "$work/samples/$file" "$work/$file"
	start_x "$SBX" --report="$T/run/report.json" "$@" -- "$program" "$work/$file"
	sandbox=$started
	wait_for 40 shows_or_ended "$file"
	shows "$file"
	wait_for 3 settled
	types_slowly "cafe' WRITTEN"
	wait_for 3 settled
	press ctrl+s
	wait_for 10 written "$file"
	written_as "$file" "$want WRITTEN"
	good=$?
	ok $good "$what: $program, where cafe' is typed, writes $want"
	[ $good = 0 ] || { note "$(tail -c 300 "$work/$file")" && note_file "$T/err"; }
	end_of "$sandbox"
}

# both "WHAT" WANT OPTION...: a program of GTK, and one of Qt
both() {
	what=$1 want=$2
	shift 2
	for editor in l3afpad featherpad; do
		typed "$what" "$want" "$editor" note.txt --profile=typing "$@"
	done
}

# starts PROGRAM TITLE ARGUMENT...: under the profile that its name chooses, with the filter
starts() {
	program=$1 title=$2
	shift 2
	start_x "$SBX" --report="$T/run/report.json" "$program" "$@"
	wait_for 60 shows_or_ended "$title"
	shows "$title"
	good=$?
	ok $good "IBus: $program has its window"
	[ $good = 0 ] || note "windows: $(titles); $(kill -0 "$started" 2>/dev/null || echo it has ended) $(head -c 2000 "$T/err")"
	end_of "$started"
}

# --- a session without ---
both "no input method" "cafe'"
plain=$X
ibus_session="$plain GTK_IM_MODULE=ibus QT_IM_MODULE=ibus XMODIFIERS=@im=ibus"
fcitx_session="$plain GTK_IM_MODULE=fcitx QT_IM_MODULE=fcitx XMODIFIERS=@im=fcitx"
X=$ibus_session
both "IBus is named, and does not run" "cafe'"
X=$fcitx_session
both "Fcitx is named, and does not run" "cafe'"

# --- IBus ---
X=$ibus_session
start_x ibus-daemon --panel=disable --emoji-extension=disable --config=/usr/libexec/ibus-memconf --xim
ibus=$started
chosen() { # its own status says nothing
	run_x ibus engine "$1" >/dev/null 2>&1
	run_x ibus engine 2>/dev/null | grep -qx "$1"
}
wait_for 10 chosen m17n:t:latn-post
ok $? "IBus runs, with an engine that makes é of e'"
both IBus "café"
both "IBus, with input-method = no" "cafe'" --set=desktop.input-method=no
both "IBus, with dbus-session = no" "cafe'" --set=desktop.dbus-session=no
# A program that is told so, and may not, ends with an error of X11; GTK finds IBus without being told.
X="$plain GTK_IM_MODULE=xim XMODIFIERS=@im=ibus"
typed "XIM is named, which x11 = isolated has not" "café" l3afpad note.txt --profile=typing
X=$ibus_session

# --- programs of the shipped profiles ---
typed IBus "café" abiword note.abw
typed "IBus, with a name of its own" "café" mousepad note.txt --set=desktop.dbus-session=filter --set=desktop.input-method=yes \
	--set=desktop.dbus-own=org.xfce.mousepad
start_x "$SBX" --set=desktop.dbus-session=filter --set=desktop.input-method=yes mousepad
wait_for 10 has_ended "$started" && grep -q "Failed to register" "$T/err"
ok $? "without that it ends, and so editor-gui has no input method"
starts hexchat HexChat
starts claws-mail "Claws Mail"
starts netsurf-gtk NetSurf
starts thunderbird "A LETTER" "$work/samples/note.eml"
printf '<title>EMPTY</title><input autofocus oninput="document.title = this.value + \047 TYPED\047">' >"$T/www/type.html"
start_x "$SBX" firefox-esr "$url/type.html"
wait_for 60 shows_or_ended EMPTY
shows EMPTY && wait_for 3 settled
types_slowly "cafe' WRITTEN " # the last letter waits for what comes after it
wait_for 5 shows "café WRITTEN *TYPED"
shows "café WRITTEN *TYPED"
ok $? "IBus: firefox-esr, where cafe' is typed, has café in its page"
end_of "$started"

# --- what a hostile program would do ---
# A program of the host with a context: it says at the end whether it is still its own.
cat >"$T/hold.py" <<'END'
import sys
from gi.repository import Gio, GLib
NAME, bus = "org.freedesktop.portal.IBus", Gio.bus_get_sync(Gio.BusType.SESSION)
def call(path, method, *arguments):
    return bus.call_sync(NAME, path, method.rpartition(".")[0], method.rpartition(".")[2], *arguments, None, 0, 5000).unpack()
path = call("/org/freedesktop/IBus", "org.freedesktop.IBus.Portal.CreateInputContext", GLib.Variant("(s)", ("victim",)))[0]
print(path, flush=True)
sys.stdin.readline()
try:
    call(path, "org.freedesktop.IBus.InputContext.Reset", None)
    print("alive")
except GLib.Error as e:
    print("gone:", e.message)
END
# victim ATTACK...: is a context of another program alive after ATTACK, whose $path names it?
victim() {
	rm -f "$T/victim" "$T/go"
	mkfifo "$T/go"
	chmod 666 "$T/go"
	run_x python3 "$T/hold.py" <"$T/go" >"$T/victim" 2>&1 &
	holder=$!
	exec 8>"$T/go"
	wait_for 5 grep -qs /org "$T/victim"
	path=$(head -n 1 "$T/victim")
	"$@" "$path" >"$T/out" 2>"$T/err"
	echo go >&8
	exec 8>&-
	wait $holder
	grep -qx alive "$T/victim"
}
destroy() { run_x gdbus call --session --dest org.freedesktop.portal.IBus --object-path "$1" --method org.freedesktop.IBus.Service.Destroy; }
destroy_inside() {
	run_x "$SBX" --profile=typing -- gdbus call --session --dest org.freedesktop.portal.IBus --object-path "$1" --method org.freedesktop.IBus.Service.Destroy
}
nothing() { :; }
victim nothing
ok $? "control: a context of another program is its own"
! victim destroy && grep -q '^gone:' "$T/victim"
ok $? "control: outside, the portal destroys it for anybody"
victim destroy_inside && grep -q AccessDenied "$T/err"
ok $? "inside that is refused, and the context lives"
note_file "$T/err"

asked() { gdbus_status=0 && "$@" >"$T/out" 2>"$T/err" || gdbus_status=$?; }
address=$(run_x ibus address)
asked run_x gdbus call --address "$address" --dest org.freedesktop.IBus --object-path /org/freedesktop/IBus \
	--method org.freedesktop.DBus.Properties.Get org.freedesktop.IBus GlobalEngine
grep -q latn-post "$T/out"
ok $? "control: outside, IBus's own bus tells which engine all programs have"
note_file "$T/err"
asked run_x "$SBX" --profile=typing --ro="$T/cache" --ro="$T/config/ibus" -- gdbus call --address "$address" --dest org.freedesktop.IBus \
	--object-path /org/freedesktop/IBus --method org.freedesktop.DBus.Properties.Get org.freedesktop.IBus GlobalEngine
[ $gdbus_status != 0 ] && ! grep -q latn-post "$T/out"
ok $? "inside that bus is not there, also where its folder is shown"
note_file "$T/err"

kill "$ibus"
wait_for 5 has_ended "$ibus"

# --- Fcitx ---
X=$fcitx_session
cat >"$T/config/fcitx5/profile" <<'END'
[Groups/0]
Name=Default
Default Layout=us
DefaultIM=m17n_t_latn-post

[Groups/0/Items/0]
Name=m17n_t_latn-post
Layout=

[GroupOrder]
0=Default
END
printf '[Behavior]\nActiveByDefault=True\n' >"$T/config/fcitx5/config"
chown -R "$TEST_UID:$TEST_GID" "$T/config/fcitx5"
start_x fcitx5
runs_fcitx() { run_x gdbus call --session --dest org.freedesktop.portal.Fcitx --object-path /org/freedesktop/portal/inputmethod \
	--method org.fcitx.Fcitx.InputMethod1.Version >/dev/null 2>&1; }
wait_for 10 runs_fcitx
ok $? "Fcitx runs"
both Fcitx "café"
both "Fcitx, with input-method = no" "cafe'" --set=desktop.input-method=no
done_testing
