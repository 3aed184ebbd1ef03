#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# desktop.open: a link or a file of one sandbox is opened by a program in another one, under its own profile, and a hostile
# program gets no further than that.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

need python3 pgrep || skip_all "$missing is not installed"
test_folder
as_user true || skip_all "no ordinary user"

# The program of the other sandbox: tells how it was started, in a file of its own.
mkdir -p "$T/bin" "$T/config/sbx/profiles"
cat >"$T/bin/stub" <<'STUB'
#!/bin/sh
name=$(mktemp "$OUT/XXXXXX")
for word; do echo "word $word"; done >"$name"
{
	echo "words $#"
	echo "mounts $(readlink /proc/self/ns/mnt)"
	echo "profile $OF_PROFILE"
	echo "asker ${OF_ASKER-none}"
	echo "caller ${LC_CALLER-none}"
	[ ! -f "$1" ] || echo "content $(cat "$1")"
} >>"$name"
mv "$name" "$name.told"
case $1 in
*sleep*) exec sleep 60 ;;
*chain*) for i in 1 2 3 4 5; do xdg-open https://chain/; done 2>/dev/null ;;
esac
STUB
# What asks, in the place of zenity.
cat >"$T/bin/zenity" <<ASK
#!/bin/sh
printf '%s\n' "\$@" >"$T/question"
[ -e "$T/yes" ]
ASK
# A hostile program: CASE by the raw protocol; prints the answer.
cat >"$T/bin/raw" <<'RAW'
#!/usr/bin/python3
import array, os, socket, sys, tempfile, time

def ask(packet, fds=(), patience=20):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(patience)
    s.connect(os.environ.get("SOCKET", "/run/sbx/open"))
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    try:
        s.sendmsg([packet], control)
    except BrokenPipeError:
        pass  # it has answered before it was asked
    return s.recv(4096).decode()

def regular():
    f = tempfile.TemporaryFile()
    f.write(b"of the asker")
    f.flush()
    return os.open("/proc/self/fd/%d" % f.fileno(), os.O_RDONLY)

def fifo():
    os.mkfifo("/tmp/fifo")
    return os.open("/tmp/fifo", os.O_RDWR)

case = sys.argv[1]
packets = {
    "option": b"L--profile=default", "short option": b"L-c", "no scheme": b"Lexample.org", "empty": b"", "kind only": b"L",
    "another kind": b"Xhttps://a", "line end": b"Lhttps://a\nb", "blank": b"Lhttps://a --b", "NUL": b"Lhttps://a\0b",
    "quote": b'Lhttps://a"b', "accent": "Lhttps://\u00e9".encode(), "half of a %XX": b"Lhttps://a%2",
    "too long": b"Lhttps://" + b"a" * 8186, "javascript": b"Ljavascript:alert(1)", "file": b"Lfile:///etc/passwd",
    "data": b"Ldata:text/html,x", "undeclared": b"Lftp://a/b", "attachment": b"Lmailto:a@b.c?subject=x&attach=/etc/passwd",
    "field with %": b"Lmailto:a@b.c?%61ttach=/etc/passwd", "scheme alone": b"Lhttps:", "no fd": b"Fx.txt",
}
files = {
    "folder": lambda: [os.open("/tmp", os.O_RDONLY)], "FIFO": lambda: [fifo()], "device": lambda: [os.open("/dev/zero", os.O_RDONLY)],
    "socket": lambda: [socket.socketpair()[0].detach()], "path only": lambda: [os.open("/etc/passwd", os.O_PATH)],
    "write only": lambda: [os.open("/tmp/w", os.O_WRONLY | os.O_CREAT)], "read and write": lambda: [os.open("/tmp/w", os.O_RDWR | os.O_CREAT)], "two files": lambda: [regular(), regular()],
    "many files": lambda: [regular() for _ in range(100)],
}
if case == "refusals":
    for name, packet in packets.items():
        print(name, ask(packet), sep="=")
    for name, file in files.items():
        print(name, ask(b"Fx.txt", file()), sep="=")
    print("file with a link", ask(b"Lhttps://a", [regular()]), sep="=")
    print("kind of file", ask(b"Fx.exe", [regular()]), sep="=")
elif case == "named":
    print(ask(b"F" + os.fsencode(sys.argv[2]), [regular()]))
elif case == "flood":
    answers = [ask(b"Lhttps://a/%d" % i)[:1] for i in range(100)]
    print(answers.count("0"), "started", answers.count("4"), "refused")
elif case == "large":
    f = tempfile.TemporaryFile()
    f.truncate(300 << 20)
    print(ask(b"Fx.txt", [os.open("/proc/self/fd/%d" % f.fileno(), os.O_RDONLY)]))
elif case == "silent":
    mute = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)]
    for s in mute:
        s.connect("/run/sbx/open")
    print(ask(b"Lhttps://after-silence"))
elif case == "outside":
    print(ask(b"Lhttps://outside"))
RAW
chmod 755 "$T/bin"/*
stub() {
	printf '[profile]\ndescription = stub\ncommand = not-installed stub\nopens = http https mailto .txt\n[filesystem]\nread-only = %s\nread-write = %s\n[environment]\nset = OF_PROFILE=%s\nset = OUT=%s\n' \
		"$T/bin" "$T/out" "$1" "$T/out" >"$T/config/sbx/profiles/$1.ini"
}
stub stub
stub other
stub once
printf '[filesystem]\nopen-arguments = read-only\n[process]\ninstances = profile\n' >>"$T/config/sbx/profiles/once.ini"
stub chain
printf '[desktop]\nopen = chain\n' >>"$T/config/sbx/profiles/chain.ini"
printf '[profile]\ndescription = nothing\ncommand = stub\n' >"$T/config/sbx/profiles/mute.ini"
printf '[profile]\ndescription = none\ncommand = not-installed\nopens = https\n' >"$T/config/sbx/profiles/absent.ini"
printf '[profile]\ndescription = includes\ninclude = stub\n' >"$T/config/sbx/profiles/heir.ini"
chmod -R a+rX "$T"

in_env() {
	as env -i PATH="$path" HOME="$T/home-$who" USER=x LC_CALLER=yes XDG_RUNTIME_DIR="$T/run-$who" XDG_CONFIG_HOME="$T/config" \
		XDG_STATE_HOME="$T/state-$who" XDG_DATA_HOME="$T/data-$who" "$@"
}
# sandbox OPEN COMMAND...: OPEN is the value of desktop.open; $options are more of sbx's.
sandbox() {
	value=$1
	shift
	# shellcheck disable=SC2086
	in_env "$SBX" $EXTRA $options --env=OF_ASKER=yes --ro="$T/bin" --set=desktop.open="$value" -- "$@" >"$D/out" 2>"$D/err"
	status=$?
}
told() {
	find "$T/out" -name '*.told' -exec cat {} +
}
count_told() {
	find "$T/out" -name '*.told' | wc -l
}
forget() {
	rm -f "$T/out"/* "$T/run-$who/sbx.services.opened/.pace" # what is counted of all sandboxes together
}
told_one() {
	[ "$(count_told)" = 1 ]
}
has_told() {
	wait_for 10 told_one && told | grep -qx "$1"
}
none_told() {
	sleep 0.1
	[ -z "$(ls "$T/out")" ]
}
status_is() {
	[ "$status" = "$1" ]
}
stays() {
	[ -z "$(find "$T/run-$who/sbx.services" "$T/run-$who/sbx.services.opened" -mindepth 1 ! -name .pace 2>/dev/null)" ]
}

opens_a_link() {
	forget
	# shellcheck disable=SC2016
	sandbox stub sh -c 'readlink /proc/self/ns/mnt; xdg-open "https://example.org/?a=b&c;d"'
	status_is 0 && has_told 'word https://example.org/?a=b&c;d' && told | grep -qx 'words 1'
}
is_another_sandbox() {
	inside=$(told | sed -n 's/^mounts //p')
	[ -n "$inside" ] && [ "$inside" != "$(head -1 "$D/out")" ] && [ "$inside" != "$(readlink /proc/self/ns/mnt)" ]
}
has_its_profile() {
	told | grep -qx 'profile stub' && told | grep -qx 'asker none' && told | grep -qx 'caller yes'
}
every_name() {
	for name in xdg-open sensible-browser x-www-browser /run/sbx/bin/xdg-open; do
		forget
		sandbox stub "$name" HTTPS://a/
		status_is 0 && has_told 'word https://a/' || return 1
	done
	[ ! -f /usr/bin/xdg-open ] || {
		forget
		sandbox stub /usr/bin/xdg-open https://of-the-system
		status_is 0 && has_told 'word https://of-the-system'
	}
}
by_glib() {
	forget
	# it does not wait for what it starts, and the sandbox ends with its command
	sandbox stub sh -c 'gio open https://of-glib/; while pgrep "xdg-open|gio-launch" >/dev/null; do sleep 0.1; done'
	has_told 'word https://of-glib/'
}
encodes() {
	forget
	sandbox stub xdg-open 'http://a/b c"d'
	has_told 'word http://a/b%20c%22d'
}
takes_the_first() {
	forget
	sandbox "other stub" xdg-open mailto:a@b.c?subject=x
	has_told 'word mailto:a@b.c?subject=x' && told | grep -qx 'profile other'
}
opens_a_file() {
	forget
	sandbox stub sh -c 'echo text of mine >/tmp/a.txt; xdg-open /tmp/a.txt; cd /tmp; xdg-open file:///tmp/%61.txt'
	status_is 0 && wait_for 10 sh -c "[ \$(ls '$T/out' | grep -c told) = 2 ]" && [ "$(told | grep -c '^content text of mine$')" = 2 ] &&
		[ "$(told | grep -c '^word /.*/a.txt$')" = 2 ] && stays
}
# The path is in the asker's view: outside, another file has it.
opens_the_asker_s_file() {
	forget
	echo "secret of the host" >"$T/home-$who/secret.txt"
	options="--tmpfs=$T/home-$who"
	sandbox stub sh -c "echo mine >'$T/home-$who/secret.txt'; xdg-open '$T/home-$who/secret.txt'"
	options=
	has_told 'content mine' && ! told | grep -q 'of the host'
}
cleans_names() {
	forget
	# shellcheck disable=SC2016
	sandbox stub "$T/bin/raw" named '../../-e/$(x);.txt'
	has_told 'content of the asker' && told | grep -q '^word /.*/_\._\.\._-e__(x)_\.txt$'
}
# Not by the pace, but by what each is.
refuses() {
	grep -q "^$1=[34][a-z'].*" "$D/refusals" && ! grep -q "^$1=4too much" "$D/refusals"
}
told_all() {
	[ "$(count_told)" = "$started" ] # none comes late, into what is tried next
}
is_paced() {
	forget
	sandbox stub "$T/bin/raw" flood
	started=$(sed 's/ .*//' "$D/out")
	wait_for 20 told_all && [ "$started" -ge 5 ] && [ "$started" -le $((10 * SBX_TEST_SLOW)) ] && grep -q "started $((100 - started)) refused" "$D/out"
}
refuses_a_large_file() {
	forget
	sandbox stub "$T/bin/raw" large
	grep -qE '^4the file is larger than [0-9]+ MiB$' "$D/out" && none_told && stays
}
from_exec() {
	forget
	in_env "$SBX" $EXTRA --name=asker --set=desktop.open=stub -- sleep 30 &
	here=$!
	wait_for 5 sh -c "[ -S '$T/run-$who'/sbx.services/*/open ]"
	wait_for 5 in_env "$SBXCTL" exec asker -- xdg-open https://of-exec >"$D/out" 2>"$D/err"
	has_told 'word https://of-exec'
	is=$?
	in_env "$SBXCTL" stop asker >/dev/null 2>&1
	wait "$here"
	return $is
}
hears_after_silence() {
	forget
	sandbox stub "$T/bin/raw" silent
	has_told 'word https://after-silence'
}
is_refused_outside() {
	in_env "$SBX" $EXTRA --set=desktop.open=stub -- sleep 30 &
	wait_for 5 sh -c "[ -S '$T/run-$who'/sbx.services/*/open ]"
	monitor=$(ls "$T/run-$who/sbx.services")
	socket=$T/run-$who/sbx.services/$monitor/open
	forget
	in_env SOCKET="$socket" "$T/bin/raw" outside >"$D/out" 2>"$D/err"
	grep -q '^4the process that asks is in no sandbox' "$D/out" && none_told
}
is_closed_to_others() {
	[ "$who" = root ] || return 0
	as_user env SOCKET="$socket" "$T/bin/raw" outside >"$D/out" 2>"$D/err"
	grep -q PermissionError "$D/err"
}
ends_with_a_killed_sbx() {
	broker=$(pgrep -P "$monitor" -x sbx-broker) && kill -KILL "$monitor" && wait_for 5 sh -c "! kill -0 $broker 2>/dev/null"
}
has_other_monitor() {
	other=$(ls "$T/run-$who/sbx.services") && [ "$other" != "$monitor" ] && [ -S "$T/run-$who/sbx.services/$other/open" ]
}
tells_of_a_dead_broker() {
	# shellcheck disable=SC2016
	in_env "$SBX" $EXTRA --set=desktop.open=stub -- sh -c 'sleep 1; xdg-open https://a; echo $?' >"$D/out" 2>"$D/err" &
	here=$!
	wait_for 5 has_other_monitor && kill -KILL "$(pgrep -P "$other" -x sbx-broker)"
	wait "$here"
	grep -qx 4 "$D/out" && grep -q 'start the program anew' "$D/err"
}
outlives_the_asker() {
	forget
	sandbox stub xdg-open https://sleep/
	status_is 0 && has_told 'word https://sleep/' && in_env "$SBXCTL" list --all >"$D/list" && grep -q '^stub-' "$D/list" || return 1
	name=$(grep -o '^stub-[0-9]*' "$D/list") && in_env "$SBXCTL" stop "$name" >/dev/null 2>&1
	wait_for 5 sh -c "! pgrep -f 'sleep 6[0]' -U '$(as id -u)' >/dev/null" && in_env "$SBXCTL" list --all >"$D/list" && ! grep -q '^stub-' "$D/list"
}
# What runs once takes the link, and the file, into the sandbox that it has.
runs_already() {
	forget
	in_env "$SBX" $EXTRA --profile=once -- "$T/bin/stub" sleep &
	here=$!
	wait_for 10 told_one && first=$(told | sed -n 's/^mounts //p')
	sandbox once xdg-open https://again/
	was=$status
	sandbox once sh -c 'echo text of mine >/tmp/b.txt; xdg-open /tmp/b.txt'
	wait_for 5 sh -c "[ \$(ls '$T/out' | grep -c told) = 3 ]"
	told >"$D/told"
	in_env "$SBXCTL" list --json >"$D/list"
	in_env "$SBXCTL" kill "$(grep -o 'stub-[0-9]*' "$D/list" | head -1)" >/dev/null 2>&1
	wait "$here"
	[ "$was" = 0 ] && [ "$status" = 0 ] && [ "$(grep -cxF "mounts $first" "$D/told")" = 3 ] && grep -qx 'word https://again/' "$D/told" &&
		grep -qx 'content text of mine' "$D/told" && grep -qx 'word /run/granted/b.txt' "$D/told" && [ "$(grep -o '"name":' "$D/list" | wc -l)" = 1 ]
}
# Each that is opened opens five.
chain() {
	forget
	sandbox chain xdg-open https://chain/
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(count_told)" -lt 50 ] || break
		[ "$1" = paced ] || rm -f "$T/run-$who/sbx.services.opened/.pace"
		sleep 0.3
	done
	reached=$(count_told)
	wait_for 20 stays # what was started has ended
}
leaves_nothing() {
	[ -z "$(ls "$T/state-$who/sbx/runs" 2>/dev/null)" ] && stays
}
asks() {
	forget
	rm -f "$T/question" "$T/yes"
	[ "$1" = no ] || touch "$T/yes"
	sandbox "ask stub" xdg-open https://a/
	grep -q 'https://a/' "$T/question" && grep -q 'sandbox of xdg-open .*profile stub' "$T/question" && grep -qx -- --no-markup "$T/question" || return 1
	if [ "$1" = no ]; then status_is 4 && grep -q 'refused' "$D/err" && none_told; else status_is 0 && has_told 'word https://a/'; fi
}
asks_with_nothing() {
	forget
	mv "$T/bin/zenity" "$T/bin/no-zenity"
	path=$T/bin:$T/tools
	sandbox "ask stub" "$T/bin/raw" named x.txt
	path=/usr/bin:/bin:$T/bin
	mv "$T/bin/no-zenity" "$T/bin/zenity"
	grep -q '^3there is nothing to ask the user with' "$D/out" && grep -q '^hint: install zenity' "$D/out" && none_told
}
without_it() {
	forget
	in_env "$SBX" $EXTRA --ro="$T/bin" -- sh -c 'xdg-open https://a; [ ! -e /run/sbx ]' >"$D/out" 2>"$D/err"
	status=$?
	status_is 0 && none_told && ! in_env "$SBX" $EXTRA --ro="$T/bin" -- "$T/bin/raw" silent >"$D/out" 2>"$D/err"
}
no_wins() {
	forget
	sandbox "stub no" sh -c '[ ! -e /run/sbx ]'
	status_is 0
}
# wrong OPEN TEXT: no start.
wrong() {
	sandbox "$1" touch "$T/out/ran"
	status_is 125 && grep -q "$2" "$D/err" && none_told
}
not_installed() {
	sandbox absent xdg-open https://a
	status_is 3 && grep -q "no command of the profile 'absent' is installed" "$D/err"
}
with_the_host_s_view() {
	options=--set=filesystem.view=host
	wrong stub 'no place for the socket'
	set -- $?
	options=
	return "$1"
}

path=/usr/bin:/bin:$T/bin
mkdir "$T/tools" && ln -s /usr/bin/python3 "$T/tools/python3"
for who in $CALLERS; do
	D=$T/$who
	options=
	mkdir -p "$D" "$T/out" "$T/home-$who" "$T/run-$who" && chmod 1777 "$T/out" && chmod 700 "$T/run-$who"
	for folder in "$T/home-$who" "$T/run-$who"; do
		[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$folder"
	done
	mkdir -p "$T/state-$who" "$T/data-$who" && chmod 777 "$T/state-$who" "$T/data-$who"
	chmod 777 "$T" # where the question is written
	result "a link is opened, as one word" opens_a_link
	result "in a sandbox that is neither the asker's nor the host" is_another_sandbox
	result "with its own profile, and the environment of the caller, not of the asker" has_its_profile
	result "by each name that programs look for" every_name
	if need gio; then result "by GLib, which asks entries of menus" by_glib; else unavailable "by GLib" "gio is not installed"; fi
	result "what no link may have in it is encoded" encodes
	result "the first profile that opens it is taken" takes_the_first
	result "a file is opened, by its path and as file:" opens_a_file
	result "it is the file of the asker, not that of the same path outside" opens_the_asker_s_file
	result "the name of a file is only a name" cleans_names
	forget
	sandbox stub "$T/bin/raw" refusals
	mv "$D/out" "$D/refusals"
	for case in option "short option" "no scheme" empty "kind only" "another kind" "line end" blank NUL quote accent "half of a %XX" \
		"too long" javascript file data undeclared attachment "field with %" "scheme alone" "no fd" folder FIFO device socket \
		"path only" "write only" "read and write" "two files" "many files" "file with a link" "kind of file"; do
		result "refused: $case" refuses "$case"
	done
	result "nothing was opened by these" none_told
	result "a file of 300 MiB is refused" refuses_a_large_file
	result "a command that joins the sandbox may ask, too" from_exec
	result "a hundred links in a loop: a few are opened, and the others refused" is_paced
	result "whoever connects and says nothing does not stop it" hears_after_silence
	result "a process outside is refused" is_refused_outside
	result "other users do not even get there" is_closed_to_others
	result "the broker ends with a killed sbx" ends_with_a_killed_sbx
	result "a dead broker: a message" tells_of_a_dead_broker
	result "what was opened outlives the asker, has a name, and is stopped by it" outlives_the_asker
	result "a program that runs already, and once, opens it: link and file" runs_already
	[ "$who" = root ] || {
		chain paced
		result "sandboxes that open each other get no further than one a second ($reached)" between 6 "$reached" $((35 * SBX_TEST_SLOW))
		chain free
		result "control: if nobody counted all of them together, they would ($reached)" [ "$reached" -ge 50 ]
	}
	result "nothing is left of all that" leaves_nothing
	result "ask: yes" asks yes
	result "ask: no" asks no
	result "ask: nothing to ask with" asks_with_nothing
	result "control: without the setting nothing is opened, and there is no socket" without_it
	result "no takes all away" no_wins
	result "a profile that is not there" wrong nothing "desktop.open: there is no profile 'nothing'"
	result "a profile that opens nothing" wrong mute "desktop.open: the profile 'mute' opens nothing"
	result "what a profile opens is not inherited" wrong heir "the profile 'heir' opens nothing"
	result "ask alone" wrong ask "'ask' needs the names"
	result "a path" wrong "$T/config/sbx/profiles/stub.ini" "is not a name of a profile"
	result "the view of the host" with_the_host_s_view
	result "a profile whose commands are not installed" not_installed
done
who=user
if gated_sbx; then
	in_env "$SBX_GATED" $EXTRA --set=desktop.open=stub -- touch "$T/out/ran" >"$D/out" 2>"$D/err"
	[ $? = 125 ] && grep -q 'the setuid sbx can start no program outside' "$D/err" && none_told
	ok $? "the setuid sbx refuses it"
else
	unavailable "the setuid sbx refuses it" "$missing"
fi
nothing_left
done_testing
