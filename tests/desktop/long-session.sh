#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A person's day: programs that `sbxctl desktop enable` has taken over start from their .desktop files, by the launcher of the
# desktop, in an X session and in a Wayland session, both with a session bus; each is in its own sandbox and shows its window; a link
# that is clicked in the viewer opens in the browser's sandbox; disable gives every file back as it was.
# $SBX_SCREENSHOTS: a folder that gets a picture of each.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool import python3 openbox dbus-daemon gtk-launch xdg-dbus-proxy firefox-esr chromium evince ||
	skip_all "$missing is not installed"
start_display
X="$X DBUS_SESSION_BUS_ADDRESS=unix:path=$T/run/bus XDG_DATA_DIRS=/usr/local/share:/usr/share"
bus="dbus-daemon --session --address=unix:path=$T/run/bus --nofork --nopidfile"
# shellcheck disable=SC2086
start_x $bus
wait_for 5 test -S "$T/run/bus"
start_x openbox
work=$T/work
mkdir "$T/www"
cp "$SRCDIR/tests/desktop/page.html" "$T/www/"
python3 "$SRCDIR/tests/desktop/serve.py" "$T/www" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"
url="http://127.0.0.1:$(cat "$T/port")/page.html"
as_user python3 "$SRCDIR/tests/desktop/papers.py" "$work" "$url#link"
qt=
for name in featherpad qpdfview; do
	if [ -z "$qt" ] && need "$name"; then qt=$name; fi
done

# --- what the menu starts: PROGRAM, its entry, its profile, the window's title, what it opens ---
programs() {
	echo "firefox-esr|firefox-esr|browser|SBX-PAGE-firefox-END|$url#firefox"
	echo "chromium|chromium|browser|SBX-PAGE-chromium-END|$url#chromium"
	echo "evince|org.gnome.Evince|viewer|A PAPER|$work/a paper's 1.pdf"
	[ -z "$qt" ] || echo "$qt|$qt||text.txt|$work/text.txt"
}
as_user sh -c 'echo "a text" >"$1/text.txt"' - "$work"
# Browsers ask and greet at their first start, which is none of ours.
drop_in() {
	mkdir -p "$T/config/sbx/profiles/$1.d"
	cat >"$T/config/sbx/profiles/$1.d/test.ini"
	chown -R "$TEST_UID:$TEST_GID" "$T/config"
}
printf '[desktop]\nopen = browser\n' | drop_in viewer

# state: every file below the folders that sbxctl may write, with mode, time and content
state() {
	(cd "$T" && find data/applications data/dbus-1 config/autostart -printf '%p %m %T@ %l\n' -type f -exec sha256sum {} + 2>/dev/null |
		grep -v '^data/\(applications\|dbus-1\|dbus-1/services\) ' | LC_ALL=C sort)
}
as_user mkdir -p "$T/data/applications"
as_user sh -c 'sed s/Name=.*/Name=Mine/ /usr/share/applications/chromium.desktop >"$1"' - "$T/data/applications/chromium.desktop"
state >"$T/before"

set --
while IFS='|' read -r program rest; do set -- "$@" "$program"; done <<END
$(programs)
END
run_x "$SBXCTL" desktop enable "$@" >"$T/enabled" 2>&1
ok $? "sbxctl desktop enable $*"
note_file "$T/enabled"

# --- is what shows this window in a sandbox, of this profile? ---
# window_pid TITLE: the process on the host that has the window
sandbox_of() {
	run_x "$SBXCTL" list --json >"$T/list.json" 2>/dev/null
	python3 -c 'import json, sys
for box in json.load(open(sys.argv[1]))["sandboxes"]:
    words = " ".join(map(str, box["command"]))
    if sys.argv[2] in words:
        print(box["init"], (box["profile"] or ["-"])[0])' "$T/list.json" "$1" | head -n 1
}

# launched SESSION PROGRAM ENTRY PROFILE TITLE FILE
launched() {
	session=$1 program=$2 entry=$3 profile=$4 title=$5 file=$6
	start_x gtk-launch "$entry" "$file"
	wait_for 40 "shown_$session" "$title"
	"shown_$session" "$title"
	ok $? "$session: $program, started from its .desktop file, shows '$title'"
	read -r init is <<-END
		$(sandbox_of "$program")
	END
	[ -n "$init" ] && [ "$(readlink "/proc/$init/ns/mnt")" != "$(readlink /proc/$$/ns/mnt)" ] &&
		{ [ -z "$profile" ] || [ "$is" = "$profile" ]; }
	ok $? "$session: it is in a sandbox of the profile ${is:-none}"
	"picture_$session" "$T/shot.png"
	[ "$(wc -c <"$T/shot.png")" -gt 2000 ]
	ok $? "$session: there is a picture of it"
	[ -z "${SBX_SCREENSHOTS-}" ] || cp "$T/shot.png" "$SBX_SCREENSHOTS/$session-$program.png"
}

stop_all() {
	run_x "$SBXCTL" stop --all >/dev/null 2>&1
	wait_for 10 none_runs
}
none_runs() {
	! run_x "$SBXCTL" list 2>/dev/null | grep -q '^[^N]'
}

shown_x11() { shows "$1"; }
picture_x11() { run_x import -window root png:- >"$1" 2>/dev/null; }

while IFS='|' read -r program entry profile title file; do
	launched x11 "$program" "$entry" "$profile" "$title" "$file"
	stop_all
done <<END
$(programs)
END

# --- a link in the viewer opens in the browser's sandbox ---
start_x gtk-launch org.gnome.Evince "$work/link.pdf"
wait_for 20 shows "A LINK"
shows "A LINK"
ok $? "the viewer shows a page that is a link"
sleep 1
run_x xdotool search --onlyvisible --name "A LINK" >"$T/window" && read -r window <"$T/window"
eval "$(run_x xdotool getwindowgeometry --shell "$window" | grep -E '^(WIDTH|HEIGHT)=[0-9]+$')"
run_x xdotool mousemove --window "$window" $((WIDTH / 2)) $((HEIGHT / 2)) sleep 0.3 click 1
wait_for 40 shows "SBX-PAGE-link-END"
shows "SBX-PAGE-link-END"
ok $? "the link opens in a browser"
run_x "$SBXCTL" list >"$T/list" 2>&1
grep -qw browser "$T/list" && grep -qw viewer "$T/list"
ok $? "which is in a sandbox of its own"
note_file "$T/list"
stop_all

# --- the same in a Wayland session ---
shown_wayland() {
	run_x swaymsg -t get_tree >"$T/tree" 2>/dev/null && grep -q "\"name\": \".*$1" "$T/tree"
}
picture_wayland() { run_x grim - >"$1" 2>/dev/null; }
if need sway grim swaymsg; then
	printf 'output HEADLESS-1 mode 1280x900\n' >"$T/sway.conf"
	chmod 644 "$T/sway.conf"
	start_x WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 sway -c "$T/sway.conf"
	wait_for 10 sh -c "ls '$T'/run/wayland-? >/dev/null 2>&1"
	wayland=$(basename "$(find "$T/run" -name 'wayland-?' | head -n 1)")
	X="$X WAYLAND_DISPLAY=$wayland SWAYSOCK=$(find "$T/run" -name 'sway-ipc*' | head -n 1) XDG_SESSION_TYPE=wayland GDK_BACKEND=wayland DISPLAY="
	# Debian 12's sway has no security-context-v1: a profile that wants it would be refused there
	printf '[desktop]\nx11 = no\nwayland = yes\n' | drop_in browser
	printf '[desktop]\nx11 = no\nwayland = yes\nopen = browser\n' | drop_in viewer
	while IFS='|' read -r program entry profile title file; do
		launched wayland "$program" "$entry" "$profile" "$title" "$file"
		stop_all
	done <<-END
		$(programs)
	END
else
	skip "a Wayland session" "$missing is not installed"
fi

# --- and back ---
run_x "$SBXCTL" desktop disable --all >"$T/disabled" 2>&1
ok $? "sbxctl desktop disable --all"
state >"$T/after"
cmp "$T/before" "$T/after" 2>/dev/null
ok $? "every file is again what it was, to the byte"
cmp -s "$T/before" "$T/after" || note "$(diff "$T/before" "$T/after" | head -n 20)"
done_testing
