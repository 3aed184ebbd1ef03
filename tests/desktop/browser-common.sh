# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A browser in the sandbox, as an ordinary user, on a headless X server: the page is rendered (title, colours, text), the
# browser's own content sandbox is on, and what the profile does not name is out of reach.
# usage: . browser.sh, with $browser set      (TAP)
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

need "$browser" Xvfb xauth xdotool import convert python3 || skip_all "$missing is not installed"

T=$(mktemp -d "${TMPDIR:-/tmp}/sbx-desktop.XXXXXX") || exit 99
chmod 755 "$T"
pids=
cleanup() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	rm -rf "$T"
}
trap cleanup EXIT

# --- the user's home, with secrets; the display; the page ---
home=$T/home
mkdir -p "$home/.ssh" "$home/Downloads" "$T/run" "$T/www"
echo "TOP SECRET KEY" >"$home/.ssh/id_ed25519"
cp "$SRCDIR/tests/desktop/page.html" "$T/www/"
chmod 700 "$home" "$T/run"
chown -R "$TEST_UID:$TEST_GID" "$home" "$T/run"

display=
for n in 77 78 79 80 81; do
	[ -e "/tmp/.X11-unix/X$n" ] && continue
	xauth -f "$T/xauth" add ":$n" . "$(mcookie)" 2>/dev/null
	chmod 600 "$T/xauth"
	chown "$TEST_UID" "$T/xauth"
	Xvfb ":$n" -screen 0 1280x900x24 -auth "$T/xauth" -nolisten tcp >"$T/xvfb.log" 2>&1 &
	pids="$pids $!"
	display=:$n
	break
done
wait_for 10 test -S "/tmp/.X11-unix/X${display#:}"
ok $? "the X server is there"

python3 -c '
import http.server, sys, functools
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), h)
open(sys.argv[2], "w").write(str(s.server_port))
s.serve_forever()' "$T/www" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"
url="http://127.0.0.1:$(cat "$T/port")/page.html#$browser"

X="env -i PATH=/usr/bin:/bin HOME=$home USER=$TEST_NAME LANG=C.UTF-8 XDG_RUNTIME_DIR=$T/run DISPLAY=$display XAUTHORITY=$T/xauth"
run_x() { # as the user, with the display
	# shellcheck disable=SC2086
	as_user $X "$@"
}

# --- start it ---
case $browser in
firefox*) set -- --no-remote --new-instance "$url" ;;
chromium*) set -- --no-first-run --disable-background-networking --disable-component-update --disable-sync --password-store=basic "$url" ;;
esac
cd "$home" || exit 99
# shellcheck disable=SC2086
setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups $X "$SBX" --profile=browser --report="$T/run/report.json" -- \
	"$browser" "$@" >"$T/out" 2>"$T/err" </dev/null &
sandbox=$!
pids="$pids $sandbox"
cd / || exit 99

title() {
	run_x xdotool search --onlyvisible --name "SBX-PAGE-$browser-END" >"$T/window" 2>/dev/null
}
wait_for 60 title
titled=$?
ok $titled "$browser shows the title that the page's script set"
[ $titled = 0 ] || sed 's/^/# /' "$T/err" | tail -30

# --- the picture ---
colours() {
	run_x import -window root "png:-" >"$T/shot.png" 2>/dev/null
	convert "$T/shot.png" -depth 8 -format %c histogram:info:- >"$T/histogram" 2>/dev/null
	grep -qi '#204080' "$T/histogram" && grep -qi '#E03020' "$T/histogram"
}
wait_for 20 colours
ok $? "the screenshot has the page's colours"
# The glyphs: without fonts the box holds few colours; with them, anti-aliasing makes many shades of grey.
greys=$(grep -cE '#([0-9A-F]{2})\1\1' "$T/histogram")
black=$(sed -n 's/^ *\([0-9]*\):.*#000000.*/\1/p' "$T/histogram" | head -1)
[ "${greys:-0}" -ge 40 ] && [ "${black:-0}" -ge 200 ]
ok $? "the text is drawn with real glyphs ($greys greys, ${black:-0} black pixels)"
[ -z "${SBX_SCREENSHOT:-}" ] || cp "$T/shot.png" "$SBX_SCREENSHOT"

# --- the browser's own sandbox: its children have namespaces and filters of their own ---
inside() { # pids of the sandbox's processes
	pgrep -P "$1" | while read -r pid; do
		echo "$pid"
		inside "$pid"
	done
}
own=0
root_ns=
for pid in $(inside "$sandbox"); do
	filters=$(sed -n 's/^Seccomp_filters:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
	ns=$(readlink "/proc/$pid/ns/user" 2>/dev/null)
	[ "${filters:-0}" = 1 ] && [ -z "$root_ns" ] && root_ns=$ns
	[ "${filters:-0}" -ge 2 ] && [ -n "$root_ns" ] && [ "$ns" != "$root_ns" ] && own=$((own + 1))
done
[ "$own" -ge 1 ]
ok $? "$browser's content sandbox is on: $own processes with two filters and a user namespace of their own"
! tr '\0' ' ' <"/proc/$(pgrep -P "$sandbox" | head -1)/cmdline" | grep -q -- --no-sandbox
ok $? "nobody said --no-sandbox"

# --- the end: all processes go with it ---
all=$(inside "$sandbox")
kill -TERM "$sandbox" 2>/dev/null
sleep 1
kill -TERM "$sandbox" 2>/dev/null
wait_for 10 sh -c "! kill -0 $sandbox 2>/dev/null"
left=0
for pid in $all; do
	grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" && left=$((left + 1))
done
[ "$left" = 0 ]
ok $? "no process is left"

# --- out of reach: a shell in the same profile ---
reach=$(cd "$home" && run_x "$SBX" --profile=browser -- sh -c '
	cat "$HOME/.ssh/id_ed25519"; ls -A "$HOME"; ls /home; cat /tmp/sbx-desktop-canary; ls /run/user/*/bus; ls /tmp' 2>&1)
echo canary >/tmp/sbx-desktop-canary
reach2=$(cd "$home" && run_x "$SBX" --profile=browser -- cat /tmp/sbx-desktop-canary 2>&1)
rm -f /tmp/sbx-desktop-canary
case $reach$reach2 in *SECRET* | *canary$*) false ;; *) true ;; esac
ok $? "the ssh keys, the session bus and the host's /tmp are out of reach"
case $(cat "$home/.ssh/id_ed25519") in *SECRET*) true ;; *) false ;; esac
ok $? "control: outside the key can be read"
done_testing
