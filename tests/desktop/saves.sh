#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Editors and browsers save a file that is kept (filesystem.persist-file): each as a person does it, by its own keys, on a
# terminal or in a window. The host has what was saved while the program still runs, sees nothing else of the folder changed, and
# keeps it when sbx is killed then. Here are those of build-aux/packages.txt; SAVES_ALL=1 (tests/desktop/long-saves.sh) adds those
# of build-aux/packages-desktop.txt.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool python3 || skip_all "$missing is not installed"
start_display
work=$T/work
cp "$SRCDIR/tests/desktop/type.py" "$T/type.py"
chmod a+r "$T/type.py"

# there PROGRAM: it is, or a line says why nothing is tried
there() {
	need "$1" && return
	skip "$1 saves" "it is not installed"
	return 1
}

# A file of three lines, with one beside it.
fresh() {
	rm -rf "$work/app" "$T/data/sbx/files"
	# shellcheck disable=SC2016 # for the shell inside
	as_user sh -c 'mkdir "$0" && printf "first line\nsecond line\nthird line\n" >"$0/note.txt" && chmod 640 "$0/note.txt" && echo beside >"$0/beside"' "$work/app"
	F=$work/app/note.txt
	inode=$(stat -c %i "$F")
}
saved() { [ "$(cat "$F" 2>/dev/null)" = "ADDED first line
second line
third line" ]; }
saved_or_ended() { saved || ! kill -0 "$started" 2>/dev/null; }
# As it was but for the content: mode, folder; and the copy is gone when the sandbox is.
whole() {
	saved && [ "$(stat -c '%a:%u' "$F")" = "640:$TEST_UID" ] && [ "$(ls -A "$work/app")" = "beside
note.txt" ] && [ "$(cat "$work/app/beside")" = beside ]
}
no_copy() { [ -z "$(find "$T/data/sbx/files" -type f ! -name 'unsaved-*' 2>/dev/null)" ]; }

# ends NAME: what a program has saved is there while it runs, and stays when sbx is killed
ends() {
	wait_for 10 saved_or_ended
	saved
	ok $? "$1: saved while it runs"
	saved || note "$(head -n 5 "$F" 2>&1; tail -n 3 "$T/err")"
	kill -KILL "$started" 2>/dev/null
	wait "$started" 2>/dev/null
	wait_for 5 no_copy && whole
	ok $? "$1: and kept when sbx is killed; nothing else has changed"
}

# On a terminal: the text that it shows when it is ready, the keys that save, and the program.
terminal() {
	name=$1 ready=$2 keys=$3
	shift 3
	there "$name" || return 0
	fresh
	start_x env TERM=xterm python3 -B "$T/type.py" "$ready" "$keys" "$SBX" --set=filesystem.etc="-joe -nanorc -ne" --set=filesystem.persist-file="$F" -- "$@" "$F"
	driver=$started
	wait_for 10 saved_or_ended
	started=$(pgrep -P "$driver" | head -n 1)
	ends "$name"
	kill "$driver" 2>/dev/null
	wait "$driver" 2>/dev/null
}

# In a window: its title, the keys, and the program.
window() {
	name=$1 title=$2
	shift 2
	there "$1" || return 0
	fresh
	start_x "$SBX" -p gui --home=private --set=filesystem.persist-file="$F" -- "$@" "$F"
	wait_for 20 shows_or_ended "$title"
	type_into "$title"
	ends "$name"
}
type_into() { # type_into TITLE
	window=$(run_x timeout 5 xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1)
	[ -n "$window" ] || return 0
	run_x timeout 5 xdotool windowfocus "$window" 2>/dev/null
	sleep 1
	run_x timeout 5 xdotool key --clearmodifiers ctrl+Home
	run_x timeout 10 xdotool type --delay 30 "ADDED "
	run_x timeout 5 xdotool key --clearmodifiers ctrl+s
}

# Without a person: the program, with the file as its last word, ends by itself.
filter() {
	name=$1
	shift
	there "$name" || return 0
	fresh
	run_x "$SBX" --set=filesystem.persist-file="$F" -- "$@" "$F" >"$T/out" 2>"$T/err"
	status=$?
	[ $status = 0 ] && whole && no_copy
	ok $? "$name: saved, and nothing else has changed"
}

# --- browsers: their preferences, which they write by themselves ---
# prefers NAME FILE TEXT COMMAND...: the file, with the text, is there when it has ended, and nothing else of its folder
prefers() {
	name=$1 F=$2 text=$3
	shift 3
	there "$1" || return 0
	as_user mkdir -p "${F%/*}"
	run_x timeout "$(seconds 40)" "$SBX" -p browser --set=desktop.x11=no --set=desktop.wayland=no --set=network.mode=none \
		--set=filesystem.persist-file="$F" -- "$@" >"$T/out" 2>"$T/err"
	status=$?
	grep -q "$text" "$F" 2>/dev/null && [ "$(ls -A "${F%/*}")" = "${F##*/}" ]
	ok $? "$name: its preferences are kept, and nothing else of its profile"
}
# --- an office program: a document, by its own window ---
office() {
	there soffice || return 0
	fresh
	run_x soffice --headless --convert-to odt --outdir "$work/app" "$F" >"$T/out" 2>"$T/err"
	F=$work/app/note.odt
	inode=$(stat -c %i "$F")
	start_x "$SBX" -p office --set=filesystem.open-arguments=no --env=SAL_USE_VCLPLUGIN=gen --set=filesystem.persist-file="$F" -- \
		soffice --norestore --nologo --writer "$F"
	wait_for 40 shows_or_ended "note.odt"
	sleep 3
	type_into note.odt
	wait_for 15 office_saved
	ok $? "LibreOffice: saved while it runs"
	kill -KILL "$started" 2>/dev/null
	wait "$started" 2>/dev/null
	wait_for 5 no_copy && office_saved
	ok $? "LibreOffice: and kept when sbx is killed"
}
office_saved() {
	[ "$(stat -c %i "$F")" != "$inode" ] && python3 -c 'import sys, zipfile; sys.exit(b"ADDED" not in zipfile.ZipFile(sys.argv[1]).read("content.xml"))' "$F" 2>/dev/null
}
end() {
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "nothing is left${left:+, but $left}"
	done_testing
}

ESC=$(printf '\033')
filter sed sed -i '1s/^/ADDED /'
# shellcheck disable=SC2016 # for perl
filter perl perl -pi -e 's/^/ADDED / if $. == 1'
filter python3 python3 -c '
import os, sys, tempfile
text = "ADDED " + open(sys.argv[1]).read()
with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(sys.argv[1]), delete=False) as file:
    file.write(text)
os.replace(file.name, sys.argv[1])'
# shellcheck disable=SC2016 # for the shell inside
filter ed sh -c 'printf "1s/^/ADDED /\nw\nq\n" | ed -s "$0"'
terminal nano "first line" "ADDED ^O^M" nano
terminal mg "first line" "ADDED ^X^S" mg
prefers firefox "$work/ff/prefs.js" "user_pref(" firefox-esr --headless --no-remote --profile "$work/ff" --screenshot "$work/ff/shot.png" about:blank
if [ "${SAVES_ALL-}" != 1 ]; then
	end
	exit
fi
filter vim vim -es -u NONE -c 'set backup writebackup backupcopy=no' -c '1s/^/ADDED /' -c wq
terminal vim "first line" "iADDED $ESC:w^M" vim -u NONE
terminal emacs "first line" "ADDED ^X^S" emacs -nw -q --no-site-file
terminal joe "first line" "ADDED ^KD^M" joe
terminal ne "first line" "ADDED ^S" ne
terminal micro "first line" "ADDED ^S" micro
window mousepad note.txt mousepad
window gedit note.txt gedit
window geany note.txt geany -i -s -p
window featherpad note.txt featherpad
window l3afpad note.txt l3afpad

prefers chromium "$work/cr/Default/Preferences" '"profile"' chromium --headless=new --user-data-dir="$work/cr" --no-first-run --dump-dom about:blank
office
end
