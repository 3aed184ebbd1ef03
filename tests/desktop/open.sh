#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# desktop.open with real programs: a click on a link in a viewer, which has no network, shows the page in a browser, which has a
# sandbox of its own. And the question that a window asks.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool import python3 || skip_all "$missing is not installed"
start_display
as_user python3 -c 1 2>/dev/null || PATH=/usr/bin:/bin:$PATH # an interpreter that only root can start is of no use
mkdir "$T/www" "$T/config/sbx" "$T/config/sbx/profiles" "$T/config/sbx/profiles/browser.d"
cp "$SRCDIR/tests/desktop/page.html" "$T/www/"
python3 "$SRCDIR/tests/desktop/serve.py" "$T/www" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"

# browser COMMAND: the one that the profile of browsers starts
browser() {
	printf '[profile]\ncommand =\ncommand = %s\n' "$1" >"$T/config/sbx/profiles/browser.d/local.ini"
	chmod -R a+rX "$T/config/sbx"
}

# click TITLE: in the middle of the window
click() {
	run_x xdotool search --onlyvisible --name "$1" >"$T/window" && read -r window <"$T/window" || return 1
	eval "$(run_x xdotool getwindowgeometry --shell "$window" | grep -E '^(WIDTH|HEIGHT)=[0-9]+$')"
	run_x xdotool mousemove --window "$window" $((WIDTH / 2)) $((HEIGHT / 2)) sleep 0.3 click 1
}

opened_in() {
	run_x "$SBXCTL" list >"$T/list" 2>&1 && grep -q "^$1-" "$T/list"
}

# The sandboxes that were started by a link, by their names.
stop_opened() {
	run_x "$SBXCTL" list | grep -oE "^$1-[0-9]+" | while read -r name; do
		run_x "$SBXCTL" stop "$name" >/dev/null 2>&1
	done
}

# link VIEWER BROWSER
link() {
	if ! need "$1" "$2"; then
		skip "a link in $1 opens in $2" "$missing is not installed"
		return
	fi
	browser "$2"
	as_user python3 "$SRCDIR/tests/desktop/linked.py" "$T/work/linked.pdf" "http://127.0.0.1:$(cat "$T/port")/page.html#$1-$2"
	start_x "$SBX" --set=desktop.open=browser -- "$1" "$T/work/linked.pdf"
	viewer=$started
	wait_for 20 shows_or_ended "linked.pdf|LINKED"
	sleep 1
	click "linked.pdf|LINKED"
	wait_for 40 shows "SBX-PAGE-$1-$2-END"
	is=$?
	ok $is "a click on a link in $1 shows the page in $2"
	[ $is = 0 ] || note_file "$T/err"
	opened_in "$2" && ! tree "$viewer" | xargs -r ps -o comm= -p | grep -qE "firefox|chrom"
	ok $? "in a sandbox of its own, which is not the viewer's"
	note_file "$T/list"
	end_of "$viewer"
	shows "SBX-PAGE-$1-$2-END"
	ok $? "the page stays when the viewer ends"
	stop_opened "$2"
}

# question KEY STATUS: xmessage asks; the return key refuses.
question() {
	start_x "$SBX" --set=desktop.open="ask browser" -- xdg-open https://example.org/of-the-question
	wait_for 10 shows '^sbx$'
	asked=$?
	run_x xdotool search --onlyvisible --name '^sbx$' windowfocus key Return 2>/dev/null
	wait "$started"
	[ $? = 4 ] && [ $asked = 0 ] && grep -q 'the user has refused it' "$T/err" && ! opened_in xdg-open
	ok $? "a window asks, and the return key refuses"
	[ -s "$T/err" ] && note_file "$T/err"
}

link evince firefox-esr
link mupdf chromium
if need xmessage && ! need zenity; then question; else unavailable "a window asks" "xmessage is not what would ask here"; fi
done_testing
