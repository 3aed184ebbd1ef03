#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl desktop and sbxctl doctor --desktop, as root and as an ordinary user: a program that writes down in which mount namespace
# it is, is started by all that start programs on a desktop, without an override (control: it is outside) and with one; what was
# there comes back to the byte; what has changed since is seen. All folders of the desktop are the test's own.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for the programs inside
. "${SRCDIR:?}/tests/lib.sh"
need gio gtk-launch xdg-open dbus-daemon gdbus Xvfb python3 || skip_all "$missing is not installed"
test_folder
outside=$(readlink /proc/self/ns/mnt)
trap 'kill $others 2>/dev/null; rm -rf "$T" ${tap_home:+"$tap_home"}' EXIT
# gtk-launch looks for a display, though nothing is shown.
number=$((2200 + $$ % 2000))
display=:$number
Xvfb "$display" -screen 0 320x240x8 -nolisten tcp >"$T/x.log" 2>&1 &
others=$!
wait_for 10 test -S "/tmp/.X11-unix/X$number" || skip_all "Xvfb does not start: $(tail -n 1 "$T/x.log")"

in_folders() {
	as env HOME="$D/home" PATH="$D/home/.local/bin:$D/bin:/usr/bin:/bin" XDG_RUNTIME_DIR="$D/run" XDG_DATA_HOME="$D/data" \
		XDG_CONFIG_HOME="$D/config" XDG_STATE_HOME="$D/state" XDG_DATA_DIRS="$D/sys" XDG_CONFIG_DIRS="$D/etc" XDG_BIN_HOME="$D/home/.local/bin" BROWSER= \
		XDG_CURRENT_DESKTOP= DISPLAY="$display" DBUS_SESSION_BUS_ADDRESS="${bus-}" ${more:+"$more"} "$@"
}
ctl() { in_folders "${SBXCTL:?}" "$@"; }
# gives NAME STATUS WANTED-PATTERN WORD...: what sbxctl says, on both streams, has a line like this.
gives() {
	name=$1 wanted=$2 pattern=$3
	shift 3
	ctl "$@" >"$D/out" 2>"$D/err"
	status=$?
	[ $status = "$wanted" ] && cat "$D/out" "$D/err" | grep -qE -- "$pattern"
	result=$?
	ok $result "$who: $name"
	[ $result = 0 ] || note "status $status: $(head -c 1500 "$D/out") $(head -c 600 "$D/err")"
}

# A launcher has ended long before its program has.
logged() { [ -s "$D/out.d/log" ]; }
# starts NAME inside|outside ARGUMENTS COMMAND...: the command starts the program with these arguments.
starts() {
	name=$1 where=$2 arguments=$3
	shift 3
	rm -f "$D/out.d/log"
	in_folders timeout 20 "$@" >"$D/out" 2>"$D/err" </dev/null
	wait_for 5 logged
	space=$(sed -n 1p "$D/out.d/log" 2>/dev/null) got=$(sed -n 2p "$D/out.d/log" 2>/dev/null)
	case $where in outside) [ "$space" = "$outside" ] ;; *) [ -n "$space" ] && [ "$space" != "$outside" ] ;; esac && [ "$got" = "$arguments" ]
	result=$?
	ok $result "$who: $name: $where"
	[ $result = 0 ] || note "in ${space:-nothing} (outside is $outside), arguments '$got': $(head -c 600 "$D/out") $(head -c 600 "$D/err")"
}

begin() {
	D=$T/$who
	mkdir -p "$D/run" "$D/bin" "$D/out.d" "$D/home/.local/bin" "$D/home/Desktop" "$D/data/applications" "$D/data/dbus-1/services" \
		"$D/config/autostart" "$D/config/sbx/profiles" "$D/config/systemd/user" "$D/sys/applications/kde" "$D/sys/dbus-1/services" \
		"$D/etc/autostart" "$D/state"
	chmod 700 "$D/run"
	ln -s /usr/share/mime "$D/sys/mime"
	cat >"$D/sys/applications/mimeinfo.cache" <<-CACHE
		[MIME Cache]
		text/plain=org.sbx.Stub.desktop;
		text/x-other=other.desktop;org.sbx.Stub.desktop;kde-below.desktop;
		x-scheme-handler/sbxtest=org.sbx.Stub.desktop;
	CACHE
	printf '[Desktop Entry]\nType=Application\nName=O\nExec=other %%f\n' >"$D/sys/applications/other.desktop"
	echo "XDG_DESKTOP_DIR=\"$D/home/Desktop\"" >"$D/config/user-dirs.dirs"
	cat >"$D/bin/stub-viewer" <<-PROGRAM
		#!/bin/sh
		[ "\$1" != --sleep ] || { while [ -e "$D/bin/sleep" ]; do sleep 0.2; done; exit; }
		echo "\$(readlink /proc/self/ns/mnt) \$*" >>"$D/out.d/all"
		{ readlink /proc/self/ns/mnt; echo "\$*"; } >"$D/out.d/new" && mv "$D/out.d/new" "$D/out.d/log"
		[ "\$1" != --by-bus ] # the bus would wait for a name from one that ends well
	PROGRAM
	chmod 755 "$D/bin/stub-viewer"
	cp "$D/bin/stub-viewer" "$D/bin/stub-nameless"
	ln -s stub-viewer "$D/bin/x-www-browser"
	cat >"$D/config/sbx/profiles/stub.ini" <<-PROFILE
		[profile]
		description = what the test starts
		command = stub-viewer
		best-effort = landlock
		[filesystem]
		read-only = $D/bin
		read-write = $D/out.d
		[process]
		user = keep
	PROFILE
	cat >"$D/sys/applications/org.sbx.Stub.desktop" <<-ENTRY
		# a comment
		[Desktop Entry]
		Type=Application
		Name=Stub
		Name[de]=Stümpfchen
		TryExec=stub-viewer
		Exec=$D/bin/stub-viewer --word "two words" %U
		MimeType=text/plain;x-scheme-handler/sbxtest;
		Actions=new;

		[Desktop Action new]
		Name=New
		Exec="$D/bin/stub-viewer" --new
	ENTRY
	cat >"$D/sys/applications/org.sbx.Bus.desktop" <<-ENTRY
		[Desktop Entry]
		Type=Application
		Name=By D-Bus
		Exec=stub-viewer --by-exec
		DBusActivatable=true
	ENTRY
	printf '[Desktop Entry]\nType=Application\nName=Below\nExec=stub-viewer --below\n' >"$D/sys/applications/kde/below.desktop"
	printf '[Desktop Entry]\nType=Application\nName=N\nExec=env A=b stub-nameless %%f\n' >"$D/sys/applications/nameless.desktop"
	printf '[Desktop Entry]\nType=Application\nName=F\nExec=/usr/bin/flatpak run org.gimp.GIMP\n' >"$D/sys/applications/org.gimp.GIMP.desktop"
	printf '[Desktop Entry]\nType=Application\nName=H\nHidden=true\nExec=stub-viewer\n' >"$D/sys/applications/hidden.desktop"
	printf '[Desktop Entry]\nType=Link\nName=L\nURL=a:b\n' >"$D/sys/applications/link.desktop"
	printf '[D-BUS Service]\nName=org.sbx.Bus\nExec=%s --by-bus\nSystemdService=no-such.service\n' "$D/bin/stub-viewer" >"$D/sys/dbus-1/services/org.sbx.Bus.service"
	printf '[Desktop Entry]\nType=Application\nName=A\nExec=stub-viewer --at-login\n' >"$D/etc/autostart/stub.desktop"
	# the user's own
	printf '[Desktop Entry]\nType=Application\nName=Mine\nExec=stub-viewer --mine %%u\n' >"$D/data/applications/mine.desktop"
	printf '#!/bin/sh\nexec %s --my-own "$@"\n' "$D/bin/stub-viewer" >"$D/home/.local/bin/x-www-browser"
	chmod 750 "$D/home/.local/bin/x-www-browser"
	touch -d '2001-02-03 04:05:06.789' "$D/data/applications/mine.desktop" "$D/home/.local/bin/x-www-browser"
	chmod 640 "$D/data/applications/mine.desktop"
	echo text >"$D/home/a b'é%20.txt"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	bus=
	bus=$(in_folders dbus-daemon --session --fork --print-address=1 --print-pid=1 --address="unix:path=$D/run/bus" 2>"$D/err")
	others="$others ${bus#*
}"
	bus=${bus%%
*}
	before=$(state)
}
# Names, modes, times and contents of all files that could change.
state() {
	(cd "$D" && find data config/autostart home \( -type f -o -type l \) ! -path '*/run/*' -printf '%p %y %m %U %T@ %l\n' -exec sha256sum {} \; | sort)
}
same_as_before() {
	after=$(state)
	[ "$after" = "$before" ]
	result=$?
	ok $result "$who: $1"
	[ $result = 0 ] || note "$(printf '%s\n' "$before" >"$D/before"; printf '%s\n' "$after" | diff "$D/before" -)"
}
override() { echo "$D/data/applications/${1:-org.sbx.Stub}.desktop"; }
has() { # NAME FILE LINE...
	name=$1 file=$2
	shift 2
	for line; do
		grep -qxF -- "$line" "$file" && continue
		fail "$who: $name"
		note "no line '$line' in: $(cat "$file" 2>&1)"
		return
	done
	pass "$who: $name"
}

# What opens which type: the default, and those that could, in their order.
handlers() {
	for type in text/plain text/x-other x-scheme-handler/sbxtest; do in_folders gio mime "$type"; done >"$D/handlers" 2>&1
}

# By all that start programs; WHERE, and what an action, D-Bus and the login do.
by_all() {
	file="$D/home/a b'é%20.txt"
	starts "gtk-launch" "$1" "--word two words" gtk-launch org.sbx.Stub
	starts "gtk-launch with a file" "$1" "--word two words $file" gtk-launch org.sbx.Stub "$file"
	starts "gtk-launch of one below a folder" "$1" "--below" gtk-launch kde-below
	starts "gio open" "$1" "--word two words sbxtest:page" gio open sbxtest:page
	starts "gio open of a file" "$1" "--word two words $file" gio open "$file"
	starts "xdg-open, which knows no quotes" "$1" '--word "two words" sbxtest:page' xdg-open sbxtest:page
	starts "gtk-launch of the user's own entry" "$1" "--mine x:y" gtk-launch mine x:y
	starts "D-Bus starts it" "$1" "--by-bus" gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.StartServiceByName org.sbx.Bus 0
}
login() { # WHERE: the entry that a session would take
	entry=$D/config/autostart/stub.desktop
	[ -e "$entry" ] || entry=$D/etc/autostart/stub.desktop
	starts "at the login" "$1" "--at-login" gio launch "$entry"
}

life() {
	by_all outside
	starts "an entry that D-Bus activates" outside "--by-bus" gtk-launch org.sbx.Bus
	login outside
	handlers
	gives "list shows what has a profile, and no other" 0 '^kde-below.desktop +entry +stub-viewer +stub +off' desktop list
	[ "$(grep -c ' stub ' "$D/out")" = 6 ] && ! grep -qE '^(hidden|link|nameless)' "$D/out" && grep -q '^org.gimp.GIMP.desktop.*flatpak' "$D/out"
	ok $? "$who: that is six, and the one of flatpak"
	gives "enable --all" 0 '^enabled +service +org.sbx.Bus.service --profile=stub' desktop enable --all
	grep -q '^skipped .*org.gimp.GIMP.desktop' "$D/out" && [ ! -e "$(override org.gimp.GIMP)" ]
	ok $? "$who: flatpak's is left alone, and it is said"
	by_all inside
	: >"$D/out.d/all" # gtk-launch starts it, and then calls it by D-Bus
	in_folders gtk-launch org.sbx.Bus >"$D/out" 2>&1
	wait_for 5 grep -q by-exec "$D/out.d/all" && ! grep -qF "$outside" "$D/out.d/all"
	ok $? "$who: an entry that D-Bus would activate: inside, whoever starts it"
	login inside
	has "all Execs have a prefix, all else stays" "$(override)" "# a comment" "Name[de]=Stümpfchen" "TryExec=stub-viewer" \
		"Exec=$SBX --profile=stub -- $D/bin/stub-viewer --word \"two words\" %U" "Exec=$SBX --profile=stub -- \"$D/bin/stub-viewer\" --new" \
		"X-Sbx-Source=$D/sys/applications/org.sbx.Stub.desktop" "X-Sbx-Source-SHA256=$(sha256sum <"$D/sys/applications/org.sbx.Stub.desktop" | cut -d' ' -f1)"
	[ "$(grep -vc '^X-Sbx-' "$(override)")" = "$(grep -c '' "$D/sys/applications/org.sbx.Stub.desktop")" ]
	ok $? "$who: and there is nothing more"
	starts "an action" inside "--new" sh -c "$(sed -n 's/^Exec=\(.*--new\)$/\1/p' "$(override)")"
	mv "$D/handlers" "$D/handlers.before"
	handlers
	cmp -s "$D/handlers" "$D/handlers.before" && [ "$(grep -c 'application for' "$D/handlers")" = 3 ] &&
		[ "$(in_folders xdg-mime query default x-scheme-handler/sbxtest)" = org.sbx.Stub.desktop ]
	result=$?
	ok $result "$who: what opens a link, and which of many opens a file, is the same as before"
	[ $result = 0 ] || note "$(diff "$D/handlers.before" "$D/handlers")"
	gives "status: all is as it should be" 0 '^mine.desktop .* enabled' desktop status
	made=$(state)
	gives "enable --all again" 0 '^unchanged entry +mine.desktop' desktop enable --all
	! grep -qv '^unchanged\|^skipped\|^  ' "$D/out" && [ "$(state)" = "$made" ]
	ok $? "$who: does nothing"
	gives "disable --all" 0 '^disabled +autostart +stub.desktop' desktop disable --all
	same_as_before "all is back, to the byte"
	gives "disable again" 0 '^unchanged .* org.sbx.Stub.desktop' desktop disable org.sbx.Stub
	starts "gtk-launch, again" outside "--word two words" gtk-launch org.sbx.Stub
	starts "D-Bus, again" outside "--by-bus" gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.StartServiceByName org.sbx.Bus 0
}

one() {
	gives "by the name of the program" 0 '^enabled .* mine.desktop' desktop enable stub-viewer
	gives "disable by that" 0 '^disabled .* mine.desktop' desktop disable stub-viewer
	gives "by its id" 0 '^enabled .* org.sbx.Stub.desktop' desktop enable org.sbx.Stub.desktop
	[ ! -e "$(override kde/below)" ] && [ -e "$D/data/dbus-1/services/org.sbx.Bus.service" ] && [ -e "$D/config/autostart/stub.desktop" ]
	ok $? "$who: with what else starts the program, but no other entry"
	gives "disable by its id" 0 '^disabled .* org.sbx.Stub.desktop' desktop disable org.sbx.Stub
	gives "nothing is known by the name" 1 "hint: sbxctl desktop list" desktop enable no-such
	gives "no profile names it" 1 "hint: name a profile: --profile=NAME" desktop enable nameless
	gives "there is no such profile" 1 "no-such" desktop enable --profile=no-such nameless
	gives "flatpak's own, by its name" 1 "flatpak starts it" desktop enable org.gimp.GIMP
	gives "a profile for two" 2 "desktop enable" desktop enable --profile=stub nameless mine
	gives "--refresh for one" 2 "desktop enable" desktop enable --refresh mine
	gives "a profile for one" 0 '^enabled .* nameless.desktop --profile=stub' desktop enable --profile=stub nameless
	starts "it" inside "" gtk-launch nameless
	gives "its profile stays" 0 '^unchanged .* nameless.desktop --profile=stub' desktop enable nameless
	gives "its profile is changed" 0 '^renewed .* nameless.desktop --profile=default' desktop enable --profile=default nameless
	gives "a profile that is a file" 0 '^renewed' desktop enable --profile="$D/bin/../config/sbx/profiles/stub.ini" nameless
	grep -q "^Exec=$SBX --profile=/.*/stub.ini -- env A=b stub-nameless %f" "$(override nameless)"
	ok $? "$who: has its whole path in Exec"
	gives "disable that" 0 '^disabled' desktop disable nameless
	same_as_before "all is back"
}

changes() {
	ctl desktop enable --all >/dev/null
	printf 'Comment=of the new version\n' >>"$D/sys/applications/kde/below.desktop"
	gives "status: the package was updated" 1 '^kde-below.desktop .* outdated' desktop status
	gives "enable --all --refresh" 0 '^renewed .* kde-below.desktop' desktop enable --all --refresh
	has "is the new version" "$(override kde/below)" "Comment=of the new version" "Exec=$SBX --profile=stub -- stub-viewer --below"
	printf '[Desktop Entry]\nType=Application\nName=G\nExec=stub-viewer\n' >"$D/sys/applications/gone.desktop"
	gives "refresh enables nothing else" 0 '^unchanged' desktop enable --all --refresh
	[ ! -e "$(override gone)" ] && ctl desktop enable gone >/dev/null && [ -e "$(override gone)" ] && rm "$D/sys/applications/gone.desktop"
	ok $? "$who: control: until it is asked for"
	gives "status: the package was removed" 1 '^gone.desktop .* gone .*not there any more' desktop status
	gives "enable can't" 1 "hint: sbxctl desktop disable" desktop enable gone
	gives "refresh removes it" 0 '^removed .* gone.desktop' desktop enable --all --refresh
	[ ! -e "$(override gone)" ]
	ok $? "$who: and it is gone"
	mv "$D/config/sbx/profiles/stub.ini" "$D/stub.ini"
	gives "status: the profile is gone" 1 "^mine.desktop .*it can't start" desktop status
	mv "$D/stub.ini" "$D/config/sbx/profiles/stub.ini"
	cp "$(override mine)" "$D/mine.made"
	in_folders sh -c 'echo Comment=mine >>"$1"' - "$(override mine)"
	gives "status: somebody has edited it" 1 '^mine.desktop .* edited' desktop status mine
	gives "disable leaves that alone, and says what to do" 1 "^sbxctl: hint: give it another name \\(mv '" desktop disable mine
	gives "so does enable" 1 "somebody has changed" desktop enable mine
	gives "control: the others are disabled" 1 '^disabled .* org.sbx.Stub.desktop' desktop disable --all
	sed -n "s/.*(\\(mv '.*mine'\\)).*/\\1/p" "$D/err" | head -n 1 >"$D/hint"
	in_folders sh "$D/hint" && [ -e "$(override mine).mine" ]
	ok $? "$who: the hint can be followed"
	rm "$(override mine).mine"
	gives "and then it is back" 0 '^disabled .* mine.desktop' desktop disable mine
	same_as_before "all is back, after all changes"
}

path() {
	starts "control: by its name" outside "a" stub-viewer a
	gives "enable --path" 0 '^enabled +path +stub-viewer --profile=stub' desktop enable --all --path
	starts "by its name, then" inside "a b" stub-viewer 'a b'
	starts "by the name of the alternative" inside "c" x-www-browser c
	gives "doctor knows" 0 '^ok +path .*the name stub-viewer leads to a sandbox' doctor --desktop
	grep -q '^ok .* alternative .*x-www-browser' "$D/out"
	ok $? "$who: also of the alternative"
	gives "again" 0 '^unchanged path +stub-viewer' desktop enable --path org.sbx.Stub
	gives "disable takes them away" 0 '^disabled +path +x-www-browser' desktop disable --all
	same_as_before "the user's own program of that name is back"
}

# lines NUMBER STATE: how many findings doctor has that are such.
lines() {
	got=$(grep -c "^$2 " "$D/out")
	[ "$got" = "$1" ]
	ok $? "$who: doctor: $1 are $2"
	[ "$got" = "$1" ] || note_file "$D/out"
}
doctor() {
	printf '[Unit]\n[Service]\nExecStart=-%s --unit\n' "$D/bin/stub-viewer" >"$D/config/systemd/user/stub.service"
	cp "$D/sys/applications/org.sbx.Stub.desktop" "$D/home/Desktop/stub.desktop"
	touch "$D/bin/sleep"
	in_folders "$D/bin/stub-viewer" --sleep &
	sleeper=$!
	# shellcheck disable=SC2086 # a list of words
	in_folders "$SBX" $EXTRA --detach --name=inside "$D/bin/stub-viewer" --sleep >/dev/null
	wait_for 10 eval '[ "$(pgrep -cf "$D/bin/stub-viewer --sleep")" -ge 3 ]'
	more=BROWSER=stub-viewer
	gives "doctor --desktop" 1 '^missing .* org.sbx.Stub.desktop starts stub-viewer outside' doctor --desktop
	lines 9 missing
	grep -q '^missing .* d-bus .*org.sbx.Bus.service' "$D/out" && grep -q '^missing .* autostart .*stub.desktop' "$D/out" &&
		grep -q '^missing .*unit .*stub.service' "$D/out" && grep -q '^missing .*icon .*Desktop/stub.desktop' "$D/out" &&
		grep -q '^optional .*path .*stub-viewer' "$D/out" && grep -q '^optional .*alternative .*x-www-browser' "$D/out" &&
		grep -q '^optional .*browser .*BROWSER' "$D/out"
	ok $? "$who: doctor: by D-Bus, the login, a unit, an icon, the name, an alternative, \$BROWSER"
	[ "$(grep -c ' running ' "$D/out")" = 1 ] && grep -q 'running .* as process [0-9]*;' "$D/out"
	ok $? "$who: doctor: one runs outside, and not the one inside"
	[ "$(grep -c '^ *fix: ' "$D/out")" = 12 ]
	ok $? "$who: doctor: each has a fix"
	gives "doctor --fix" 1 '^enabled +service +org.sbx.Bus.service' doctor --desktop --fix
	lines 3 missing
	starts "by D-Bus, then" inside "--by-bus" gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.StartServiceByName org.sbx.Bus 0
	rm "$D/bin/sleep" "$D/home/Desktop/stub.desktop"
	mkdir "$D/config/systemd/user/stub.service.d"
	printf '[Service]\nExecStart=\nExecStart=%s -- %s\n' "$SBX" "$D/bin/stub-viewer" >"$D/config/systemd/user/stub.service.d/sbx.conf"
	wait "$sleeper"
	ctl wait inside
	gives "doctor, when all else was done" 0 '^ok .*entry ' doctor --desktop --fix
	lines 0 missing
	in_folders sed -i "s|^Exec=.*--mine.*|Exec=stub-viewer|" "$(override mine)"
	gives "doctor: one that was edited to start outside" 1 '^missing .*mine.desktop was changed by somebody' doctor --desktop
	in_folders mv "$D/data/applications/mine.desktop.sbx-orig" "$(override mine)"
	more=
	gives "doctor's --fix without --desktop" 2 "doctor takes" doctor --fix
	ctl desktop disable --all >/dev/null
	ctl forget inside >/dev/null
	same_as_before "disable takes back what --fix did"
}

nobus() {
	saved=$bus bus=unix:path=/nowhere
	gives "a bus that can't be told is no success" 1 "the session bus does not know" desktop enable org.sbx.Bus
	grep -q 'hint: it will at the next login' "$D/err"
	ok $? "$who: and it says what to do"
	bus=$saved
	ctl desktop disable --all >/dev/null
	same_as_before "and back"
}

# Entries as nobody should write them: what GLib reads of the overrides starts sbx, with the words of the original.
hostile() {
	mkdir -p "$D/hostile/applications"
	python3 -B "$SRCDIR/tests/run/entries.py" make "$D/hostile/applications" 1000
	more=XDG_DATA_DIRS=$D/hostile
	ctl desktop enable --all >/dev/null 2>&1
	python3 -B "$SRCDIR/tests/run/entries.py" check "$D/data/applications" "$D/hostile/applications" >"$D/out" 2>"$D/err"
	read -r readable wrong <"$D/out"
	[ "${readable:-0}" -gt 100 ] && [ "$wrong" = 0 ]
	ok $? "$who: of a thousand odd entries, $readable overrides start sbx with the words of the original, and nothing else"
	[ "$wrong" = 0 ] || note_file "$D/err"
	python3 -B "$SRCDIR/tests/run/entries.py" check "$D/hostile/applications" "$D/hostile/applications" >"$D/out" 2>/dev/null
	read -r readable wrong <"$D/out"
	[ "${wrong:-0}" -gt 100 ]
	ok $? "$who: control: without overrides $wrong lines start something else"
	ctl desktop disable --all >/dev/null 2>&1
	same_as_before "and back"
	more=
}

for who in $CALLERS; do
	begin
	life
	one
	changes
	path
	doctor
	nobus
	[ "$who" = root ] || hostile
done
# shellcheck disable=SC2086 # pids
kill $others
nothing_left
done_testing
