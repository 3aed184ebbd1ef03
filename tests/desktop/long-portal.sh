#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# desktop.portals: a program that is no flatpak asks for a file by the portal of the session; the user picks one in a dialog
# outside, by keys; that file, and nothing beside it, is there inside. The portals are Debian's own.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool python3 dbus-daemon dbus-send xdg-dbus-proxy || skip_all "$missing is not installed"
# What is in build-aux/packages-desktop.txt.
unavailable_all() {
	unavailable "portals" "$1"
	done_testing
	exit
}
need fusermount3 || unavailable_all "$missing is not installed"
for program in xdg-desktop-portal xdg-desktop-portal-gtk xdg-document-portal; do
	[ -x "/usr/libexec/$program" ] || unavailable_all "$program is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Gtk", "3.0")' 2>/dev/null ||
	unavailable_all "python3-gi with gir1.2-gtk-3.0 is not installed"

# Where the device is root's alone, as in a container, root gives the test one of its own, in a mount namespace.
if ! as_user sh -c ': <>/dev/fuse' 2>/dev/null; then
	if [ "$(id -u)" != 0 ] || [ "${SBX_OWN_FUSE-}" = 1 ]; then unavailable_all "the user may not open /dev/fuse"; fi
	node=$(mktemp -d /var/tmp/sbx-fuse.XXXXXX) && mknod -m 666 "$node/fuse" c 10 229 || exit 99
	# shellcheck disable=SC2016
	SBX_OWN_FUSE=1 unshare -m --propagation private sh -c 'mount --bind "$1/fuse" /dev/fuse && exec sh "$2"' - "$node" "$0"
	status=$?
	rm -rf "$node"
	exit $status
fi

start_display
# shellcheck disable=SC2016
as_user sh -c 'printf "PICKED\n" >"$1/picked.txt"; printf "BESIDE\n" >"$1/beside.txt"' - "$T/work"
X="$X DBUS_SESSION_BUS_ADDRESS=unix:path=$T/run/bus XDG_CURRENT_DESKTOP=GNOME"
start_x dbus-daemon --session --address="unix:path=$T/run/bus" --nofork --nopidfile
bus=$started
wait_for 5 test -S "$T/run/bus"
call() {
	run_x dbus-send --session --print-reply "$@"
}
call --dest=org.freedesktop.DBus / org.freedesktop.DBus.StartServiceByName string:org.freedesktop.portal.Desktop uint32:0 >"$T/started" 2>&1
ok $? "the portals start"
wait_for 10 run_x test -d "$T/run/doc/by-app"
ok $? "the document portal shows its folder"

# pick OPTION...: the program asks, and the file is picked by keys; what it tells is in $T/out
pick() {
	start_x "$SBX" --profile=gui --ro="$SRCDIR/tests/desktop/chooser.py:/srv/chooser.py" --report="$T/run/report.json" "$@" \
		-- /usr/bin/python3 /srv/chooser.py "$T/work/picked.txt" "$T/work/beside.txt"
	wait_for 20 shows_or_ended "SBX picks"
	[ -s "$T/window" ] || return 1
	sleep 1
	run_x xdotool windowfocus "$(head -1 "$T/window")" 2>/dev/null
	run_x xdotool type --delay 30 "$T/work/picked.txt"
	sleep 0.5
	run_x xdotool key Return
	wait_for 15 grep -q '^info' "$T/out"
}

tells() {
	grep -qx "$1" "$T/out"
}

pick --set=desktop.dbus-session=filter --set=desktop.portals=yes
ok $? "the dialog of the portal is shown, and answered"
[ "$(grep -c . "$T/err")" = 0 ] || note_file "$T/err"
instance=$(cat "$T"/run/.flatpak/sbx-*/bwrapinfo.json 2>/dev/null)
wait "$started"
tells "content PICKED" && grep -q "^path $T/run/doc/.*/picked.txt" "$T/out"
ok $? "the file that was picked is read inside: $(sed -n 's/^path //p' "$T/out")"
tells "beside picked.txt"
ok $? "nothing is beside it"
[ "$(grep -c '^other No such file or directory' "$T/out")" = 2 ]
ok $? "it is not at its own place, and neither is the file beside it there"
tells "info No such file or directory"
ok $? "the program itself does not look like a flatpak"
grep -q "WRITTEN INSIDE" "$T/work/picked.txt" && grep -qx BESIDE "$T/work/beside.txt"
ok $? "what is written to it inside is in the user's file"
[ -z "$(ls -A "$T/run/.flatpak" 2>/dev/null)" ] && case $instance in *child-pid*[0-9]*) ;; *) [ -z "$instance" ] && false ;; esac
ok $? "portals of today find the process of the sandbox while it runs (by $instance), and nothing after it"
note_file "$T/out"

# Another profile is another identity: what the one has got is not the other's.
document=$(sed -n 's/^path //p' "$T/out")
cat >"$T/other.ini" <<'END'
[profile]
description = another one
[desktop]
dbus-session = filter
portals = yes
END
run_x "$SBX" --profile="$T/other.ini" -- cat "$document" >"$T/other" 2>&1
[ $? = 1 ] && grep -q "No such file" "$T/other"
ok $? "another profile does not see what was picked"
run_x "$SBX" --profile=gui --set=desktop.dbus-session=filter --set=desktop.portals=yes -- cat "$document" >"$T/other" 2>&1
grep -q PICKED "$T/other"
ok $? "the same profile does, in its next run"

# Control: the portal may be called, and that is all. The dialog comes, and the program gets a path that it can't open.
pick --set=desktop.dbus-session=filter --set=environment.set=GTK_USE_PORTAL=1 \
	--set="desktop.dbus-call=org.freedesktop.portal.Desktop=*@/org/freedesktop/portal/desktop/*" \
	--set="desktop.dbus-broadcast=org.freedesktop.portal.Desktop=*@/org/freedesktop/portal/desktop/*"
ok $? "control: without portals = yes, the dialog is shown"
wait "$started"
tells "content No such file or directory" || ! grep -q '^content' "$T/out"
ok $? "control: and the file is not there"
note_file "$T/out"

# What the word does not have is refused by the filter, and does not reach the portal.
run_x "$SBX" --profile=gui --set=desktop.dbus-session=filter --set=desktop.portals=yes -- dbus-send --session --print-reply \
	--dest=org.freedesktop.portal.Desktop /org/freedesktop/portal/desktop org.freedesktop.portal.OpenURI.OpenURI \
	string: string:https://example.org dict:string:string: >"$T/other" 2>&1
grep -q "AccessDenied\|not allowed" "$T/other"
ok $? "no browser is opened by the portal: $(head -c 200 "$T/other")"
# A browser of the profile that its name chooses: it opens a page of the user's that its sandbox does not show.
if need firefox-esr; then
	# shellcheck disable=SC2016
	as_user sh -c 'echo "<title>SBX-OPENED-END</title><p>the page" >"$1/page.html"' - "$T/work"
	start_x "$SBX" --chdir=/tmp -- firefox-esr --no-remote --new-instance about:blank
	wait_for 60 shows_or_ended "Mozilla Firefox"
	[ -s "$T/window" ]
	ok $? "firefox-esr is there"
	sleep 5
	run_x xdotool windowfocus "$(head -1 "$T/window")" 2>/dev/null
	run_x xdotool key ctrl+o
	wait_for 20 shows_or_ended "Open File"
	[ -s "$T/window" ]
	ok $? "the dialog of the portal is shown for it"
	sleep 1
	run_x xdotool windowfocus "$(head -1 "$T/window")" 2>/dev/null
	run_x xdotool type --delay 30 "$T/work/page.html"
	sleep 0.5
	run_x xdotool key Return
	wait_for 20 shows_or_ended "SBX-OPENED-END"
	[ -s "$T/window" ]
	ok $? "the page that was picked is shown"
	[ -z "${SBX_SCREENSHOT:-}" ] || picture "$SBX_SCREENSHOT"
	end_of "$started"
else
	unavailable "a browser" "$missing is not installed"
fi
end_of "$bus"
done_testing
