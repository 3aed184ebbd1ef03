# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A browser in the sandbox, as an ordinary user, on a headless X server: the page is rendered (title, colours, text),
# the browser's own content sandbox is on, and what the profile does not name is out of reach.
# usage: . browser-common.sh, with $browser set      (TAP)
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool import python3 "${browser:?}" || skip_all "$missing is not installed"
start_display

mkdir "$T/www"
cp "$SRCDIR/tests/desktop/page.html" "$T/www/"
python3 "$SRCDIR/tests/desktop/serve.py" "$T/www" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"
url="http://127.0.0.1:$(cat "$T/port")/page.html#$browser"

# --- start it; the profile is chosen by the name ---
case $browser in
firefox*)
	set -- --no-remote --new-instance "$url"
	state=times.json
	;;
chromium*)
	set -- --no-first-run --disable-background-networking --disable-component-update --disable-sync \
		--password-store=basic "$url"
	state=Default
	;;
esac
start_x "$SBX" --report="$T/run/report.json" -- "$browser" "$@"
wait_for 40 shows_or_ended "SBX-PAGE-$browser-END"
shows "SBX-PAGE-$browser-END"
titled=$?
ok $titled "$browser shows the title that the page's script set"
[ $titled = 0 ] || note_file "$T/err"

# --- the picture ---
colours() {
	picture "$T/picture"
	python3 "$SRCDIR/tests/desktop/look.py" "$T/picture" >"$T/seen" 2>/dev/null
	read -r blue red ink shades <"$T/seen"
	between 100000 "${blue:-0}" 2000000 && between 30000 "${red:-0}" 40000
}
wait_for 2 colours
ok $? "the screen has the page's colours (${blue:-0} and ${red:-0} pixels)"
# Without fonts the box is empty, or has squares; glyphs are smoothed at their edges.
between 1000 "${ink:-0}" 20000 && between 30 "${shades:-0}" 10000
ok $? "the text is drawn with real glyphs (${ink:-0} pixels of ink, ${shades:-0} shades)"
[ -z "${SBX_SCREENSHOT:-}" ] || cp "$T/picture" "$SBX_SCREENSHOT"

# --- the browser's own sandbox: its children have namespaces and filters of their own ---
all=$(tree "$started")
own=0 count=0 refused=0 outer=""
for pid in $all; do
	filters=$(sed -n 's/^Seccomp_filters:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
	namespace=$(readlink "/proc/$pid/ns/user" 2>/dev/null)
	count=$((count + 1))
	[ "${filters:-0}" = 1 ] && [ -z "$outer" ] && outer=$namespace
	[ "${filters:-0}" -ge 2 ] && [ -n "$outer" ] && [ "$namespace" != "$outer" ] && own=$((own + 1))
	cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' '\n' | grep -q '^--\(no\|disable-.*\)-sandbox' && refused=$((refused + 1))
done
[ "$own" -ge 1 ]
ok $? "its own sandbox is on: $own of $count processes have two filters and a user namespace of their own"
[ "$count" -ge 4 ] && [ "$refused" = 0 ]
ok $? "none of $count processes was told to go without it"

# --- the end: all processes go with it ---
end_of "$started"
left=0
for pid in $all; do
	grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" && left=$((left + 1))
done
found=$(kept_of "$started")
[ "$count" -ge 4 ] && [ "$left" = 0 ] && [ -z "$found" ]
ok $? "none of $count processes is left, and no cgroup"
[ -z "$found" ] || note "$found"
tr -d ' \n' <"$T/run/report.json" | grep -q '"profile":\["browser"\]'
ok $? "the report says that the profile browser was chosen"
[ -n "$(find "$T/data/sbx/homes/browser" -name "$state")" ]
ok $? "what it keeps is in the private home of the profile"

# --- out of reach: a shell in the same profile, and the same shell outside ---
echo "CANARY OF THE HOST" >"/tmp/sbx-canary.$$"
python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); time.sleep(600)' "$T/run/bus" &
pids="$pids $!"
wait_for 5 test -S "$T/run/bus"
chown "$TEST_UID:$TEST_GID" "$T/run/bus"
cat >"$T/work/reach.sh" <<'END'
cat "${1#@}" "${2#@}"
for bus in "$XDG_RUNTIME_DIR/bus" "${3#@}"; do [ ! -S "$bus" ] || echo BUS; done
exec /usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("\0/tmp/.X11-unix/X" + sys.argv[1])
print("ABSTRACT")' "$4"
END
# A word that named a file would show it: so these begin with an @.
set -- sh -c "$(cat "$T/work/reach.sh")" - "@$secret" "@/tmp/sbx-canary.$$" "@$T/run/bus" "$display_number"
reach=$(run_x "$@" 2>&1)
case $reach in *SECRET*CANARY*BUS*ABSTRACT*) true ;; *) false ;; esac
ok $? "control: outside, the secret, the host's /tmp, the session bus and the display's abstract socket are in reach"
reach=$(run_x "$SBX" --profile=browser -- "$@" 2>&1)
case $reach in
*SECRET* | *CANARY* | *BUS* | *ABSTRACT*) false ;;
*"$secret"*canary*PermissionError*) true ;;
*) false ;;
esac
inside=$?
ok $inside "inside, they are not"
[ $inside = 0 ] || note "$reach"
done_testing
