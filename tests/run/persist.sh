#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Single files that are kept (filesystem.persist-file, persist of a file, open-arguments = read-write), as root and as an ordinary
# user: each way in which programs save works, nothing else of the folder is seen, only a regular file comes back, and whoever is
# killed when, the host has a whole file. KILLS: how many are killed; `make check-persist-long` has 300.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
need python3 || skip_all "$missing is not installed"
test_folder
mkdir "$T/lib"
cp "$SRCDIR/tests/run/saver.py" "$SRCDIR/tests/run/persist.py" "$T/lib"
SAVER="$T/lib/save"
printf '#!/bin/sh\nexec python3 -B %s/lib/saver.py "$@"\n' "$T" >"$SAVER"
cat >"$T/lib/grow.py" <<'END'
import os, sys, time

word, name, end = sys.argv[1], sys.argv[2], time.monotonic() + float(sys.argv[3])
if word == "watch":
    most = 0
    while time.monotonic() < end:
        try:
            most = max(most, os.stat(name).st_size)
        except FileNotFoundError:
            pass
    print(most)
elif os.fork() == 0:
    while time.monotonic() < end:
        for size in 1, 1 << 40:
            then = time.monotonic() + 40e-6 # not in the call all the time: that counts as a writer
            while time.monotonic() < then:
                pass
            try:
                os.truncate(name, size)
            except OSError:
                pass
    os._exit(0)
else:
    while time.monotonic() < end:
        try:
            open(name + ".new", "w").write(str(end))
            os.rename(name + ".new", name)
        except OSError:
            pass # only shown: busy
        time.sleep(0.001)
    os.wait()
    open(name, "w").write("last")
END
chmod -R a+rX "$T/lib"
chmod +x "$SAVER"

# run OPTION... -- COMMAND...
run() {
	rm -f "$H/report"
	# shellcheck disable=SC2086 # a list of words
	as env XDG_DATA_HOME="$H/data" XDG_CONFIG_HOME="$H/config" XDG_RUNTIME_DIR="$H/run" timeout "$(seconds 60)" "$SBX" $EXTRA -p default \
		--report="$H/report" --ro="$T/lib" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	return $status
}
keep() { run --set=filesystem.persist-file="$F" "$@"; }
# The folder with the file, and another that is nobody's business.
fresh() {
	rm -rf "$H/app" "$H/data/sbx/files"
	mkdir "$H/app"
	$SAVER rename "$H/app/settings" 1 >/dev/null
	echo secret >"$H/app/secret"
	chmod 640 "$H/app/settings"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$H/app"
}
version_is() { [ "$($SAVER check "$F" 2>"$T/err")" = "$1" ]; }
# The owner and the mode as they were, nothing more in the folder, no copy anywhere.
as_before() {
	[ "$(stat -c '%u:%a:%F:%h' "$F")" = "$OWNER:640:regular file:1" ] && [ "$(ls -A "$H/app")" = "secret
settings" ] && [ -z "$(find "$H/data/sbx/files" -type f 2>/dev/null)" ]
}
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["kept"][sys.argv[2]])' "$H/report" "$1"; }
fails() { [ "$status" = "$1" ] && grep -qF -- "$2" "$T/err"; }
is() { [ "$1" = "$2" ]; }

ways() {
	for way in rename fsync-rename truncate fsync backup backup-rename unlink link overwriting; do
		fresh
		keep -- "$SAVER" $way "$F" 2
		version_is 2 && as_before
		result "$way: what is saved is the host's" [ $? = 0 ]
	done
	result "the report says so" is "$(field saved)/$(field unsaved)" 1/0
	fresh
	run --persist="$F" -- "$SAVER" rename "$F" 2
	version_is 2 && as_before
	result "persist of a file does the same" [ $? = 0 ]
	fresh
	run --rw="$F" --user=keep --tmpfs="$H/app" -- "$SAVER" rename "$F" 2
	result "control: a file that is only shown can't be saved so" fails 1 "busy"
}

folder() {
	fresh
	keep -- sh -c 'cd "$0" && ls -A && cat secret; echo x >secret; echo y >other; rm -rf settings~' "$H/app"
	result "nothing else of the folder is seen" is "$(cat "$T/out")" settings
	result "nothing else of it is changed" is "$(cat "$H/app/secret" "$H/app"/*)" "secret
secret
$(cat "$F")"
	fresh
	keep -- "$SAVER" check "$F"
	result "a run that saves nothing saves nothing" is "$(field saved)" 0
	rm -rf "$H/app"
	keep -- true
	result "what is not there is not made" [ ! -e "$H/app" ]
	keep -- sh -c 'echo new >"$0"' "$F"
	result "but what is saved is, and its folder" is "$(cat "$F"):$(stat -c %a:%u "$F" "$H/app" | tr '\n' ' ')" "new:600:$OWNER 700:$OWNER "
	fresh
	as sh -c 'echo two >"$0"' "$H/app/two"
	run --set=filesystem.persist-file="$F" --persist="$H/app/two" --set=filesystem.persist-file="$H/app/three" -- sh -c '
		cd "$0" && ls -A && echo 2 >x && mv x two && echo 3 >three && echo 1 >settings' "$H/app"
	result "more files of one folder" is "$(cat "$T/out" "$F" "$H/app/two" "$H/app/three" | tr '\n' ' ')" "settings two 1 2 3 "
	fresh
	run --user=keep --rw="$H/app" --set=filesystem.persist-file="$F" -- sh -c 'cd "$0" && cat secret && echo 1 >x && mv x settings' "$H/app"
	result "where the folder is writable, it is as it is" is "$(cat "$T/out" "$F")" "secret
1"
	fresh
	run --user=keep --ro="$H/app" --set=filesystem.persist-file="$F" -- sh -c 'cd "$0" && cat secret && echo 1 >settings' "$H/app"
	result "where it is read-only, the file is written in place" is "$(cat "$T/out" "$F")" "secret
1"
	run --ro="$H/app" --set=filesystem.persist-file="$H/app/none" -- true
	result "and is not made" fails 125 "make it first"
}

homes() {
	for home in empty private; do
		rm -f "$TEST_FILE"
		as sh -c 'echo 1 >"$0"' "$TEST_FILE"
		run --user=keep --home=$home --set=filesystem.persist-file="$TEST_FILE" -- sh -c 'cat "$0"; echo 2 >"$0.x" && mv "$0.x" "$0"; echo other >"$0.other"' "$TEST_FILE"
		result "home = $home: a file of the home itself" is "$(cat "$T/out" "$TEST_FILE"; ls "$TEST_FILE".* 2>/dev/null)" "1
2"
	done
	run --user=keep --home=private -- sh -c 'ls "$0" "$0.other"' "$TEST_FILE"
	result "a private home keeps what is its own, and no copy" is "$(cat "$T/out")" "$TEST_FILE.other"
	rm -f "$TEST_FILE"
	fresh
	run --user=keep --home=private --set=filesystem.persist-file="$F" --ro="/usr:$H/app/usr" -- sh -c 'ls "$0/app/usr" >/dev/null && echo 2 >"$0/app/settings"' "$H"
	result "other rules lie in the folder" is "$status $(cat "$F")" "0 2"
}

removed() {
	fresh
	keep -- rm "$F"
	result "what the command removes is removed" is "$status $(ls -A "$H/app")" "0 secret"
	fresh
	keep -- sh -c 'rm "$0"; kill -9 $$' "$F"
	version_is 1 && as_before
	result "not if it is killed then" [ $? = 0 ]
	fresh
	keep -- sh -c 'echo half >"$0"; kill -9 $$' "$F"
	result "nor is what is written when it is killed the host's: it says where that is" fails 137 "unsaved-settings"
	as_before || [ -n "$(find "$H/data/sbx/files" -name unsaved-settings)" ]
	version_is 1 && is "$(field unsaved)" 1 && is "$(cat "$H/data/sbx/files"/default/*/unsaved-settings)" half
	result "the host's is as it was, and the other is there" [ $? = 0 ]
	fresh
	keep -- sh -c '"$1" truncate "$0" 2; sleep 0.5; kill -9 $$' "$F" "$SAVER"
	version_is 2 && as_before
	result "but what was written before" [ $? = 0 ]
	fresh
	keep -- sh -c ': >"$0"; exit 3' "$F"
	result "an empty file, if the command ends by itself" is "$status $(stat -c %s "$F")" "3 0"
}

hostile() {
	while IFS=: read -r name command; do
		fresh
		keep -- sh -c "cd \"\$0\" && rm settings && $command" "$H/app"
		version_is 1 && is "$(stat -c '%u:%a:%F:%h' "$F")" "$OWNER:640:regular file:1" && is "$(field unsaved)" 1
		result "instead of the file: $name" [ $? = 0 ]
	done <<-'END'
		a link:ln -s /etc/passwd settings
		a FIFO:mkfifo settings
		a folder:mkdir settings && echo x >settings/x
		a socket:python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('settings')"
		a huge file:truncate -s 5T settings
		too large a file:head -c 270000000 /dev/zero >settings
		one that is closed to its owner while the caller is not root:test "$(id -u)" = 65534 && mkfifo settings || { echo x >settings; chmod 0 settings; }
	END
	fresh
	keep -- sh -c 'cd "$0" && echo 2 >x && chmod 777 x && ln x y && mv x settings && sleep 0.3' "$H/app"
	result "a hard link, and another mode: only content comes back" is "$(cat "$F"):$(stat -c '%u:%a:%h' "$F")" "2:$OWNER:640:1"
	fresh
	keep -- sh -c 'cd "$0/.." && mv app gone; rmdir app; rm -rf app; ln -s /etc app; ls -ld app' "$H/app"
	result "the folder stays where it is" grep -q "^d" "$T/out"
	fresh
	rm "$F" && ln -s secret "$F"
	keep -- true
	result "a link of the host is refused" fails 125 "is a symbolic link"
	rm "$F" && mkfifo "$F"
	keep -- true
	result "and a FIFO" fails 125 "no regular file"
	run --set=filesystem.persist-file="$H/config/sbx/profiles/x.ini" -- true
	result "and a profile" fails 125 "never writable"
	run --set=filesystem.persist-file="$H/data/sbx/homes/x/y" -- true
	result "and what is of sbx" fails 125 "never writable"
	[ "$who" != root ] && {
		fresh
		chmod 440 "$F"
		keep -- true
		result "and what the caller can't write" fails 125 "Permission denied"
		fresh
		chmod 555 "$H/app"
		keep -- true
		result "and what lies in a folder that the caller can't write" fails 125 "filesystem.read-write shows the file itself"
		chmod 755 "$H/app"
	}
	fresh
	python3 -c 'import sys; open(sys.argv[1], "w").truncate(300 << 20)' "$F"
	keep -- true
	result "and what is too large" fails 125 "256 MiB"
}

# growing WHAT...: the size changes all the time, between what is kept and what is not, while it is looked at; leaves $most,
# the largest that the host's was, in bytes.
growing() {
	fresh
	python3 -B "$T/lib/grow.py" watch "$F" 2 >"$T/most" &
	watch=$!
	"$@" --user=keep -- python3 -B "$T/lib/grow.py" grow "$F" 1.5
	wait $watch
	most=$(cat "$T/most")
}
grows() {
	growing keep
	result "a file that grows while it is looked at is never more than may be kept ($most)" between 1 "$most" 268435456
	growing run --rw="$F"
	result "control: what is only shown is ($most)" between 268435457 "$most" 9999999999999
}

has_copy() { [ -n "$(find "$H/data" -name settings 2>/dev/null)" ]; }
# The host's file is made something else meanwhile.
meanwhile() {
	fresh
	as env XDG_DATA_HOME="$H/data" XDG_RUNTIME_DIR="$H/run" "$SBX" $EXTRA -p default --set=filesystem.persist-file="$F" -- \
		sh -c 'until [ -e "$0/go" ]; do sleep 0.05; done; echo 2 >"$0/x" && mv "$0/x" "$0/settings"' "$H/app" >"$T/out2" 2>"$T/err2" &
	first=$!
	wait_for 5 has_copy
	sleep 0.3
	keep -- sh -c 'echo 1 >"$0.x" && mv "$0.x" "$0"; echo >"$(dirname "$0")/go"' "$F"
	wait $first
	result "two at once: the last to save has it" is "$(cat "$F") $(cat "$T/err2")" "2 "
	as_before_no_mode=$(find "$H/data/sbx/files" -type f)
	result "and no copy is left" is "$as_before_no_mode" ""
	fresh
	keep -- sh -c 'sleep 0.5; exit 0' "$F" &
	wait_for 5 has_copy
	as sh -c 'echo host >"$0.n" && mv "$0.n" "$0"' "$F"
	wait $!
	result "what the host saves meanwhile stays, if the command saves nothing" is "$(cat "$F")" host
}

keeper() {
	fresh
	as env XDG_DATA_HOME="$H/data" XDG_RUNTIME_DIR="$H/run" "$SBX" $EXTRA -p default --ro="$T/lib" --set=filesystem.persist-file="$F" -- \
		sh -c 'sleep 1; "$1" rename "$0" 2; sleep 0.3' "$F" "$SAVER" >"$T/out2" 2>"$T/err2" &
	sleep 0.5
	sbx=$(pgrep -P "$!" -x sbx || echo $!)
	keeper=$(pgrep -P "$sbx" -x sbx)
	[ -n "$keeper" ] && kill -9 "$keeper"
	result "the keeper is found, and killed" [ $? = 0 ]
	wait $!
	version_is 2 && as_before
	result "then sbx does its work" [ $? = 0 ]
}

arguments() {
	fresh
	editor() { run --set=filesystem.open-arguments=read-write "$@"; }
	editor -- sed -i 's/^version 1$/version one/' "$F"
	result "a file of the command line is saved by sed -i" is "$status $(head -n 1 "$F")" "0 version one"
	fresh
	editor -- sh -c 'cd "$(dirname "$0")" && ls -A && echo x >secret' "$F"
	result "others of its folder are not seen, nor changed" is "$(cat "$T/out" "$H/app/secret")" "settings
secret"
	ln -s settings "$H/app/link"
	[ "$who" = root ] || chown -h "$TEST_UID" "$H/app/link"
	[ "$who" = root ] && { # only links of root are followed
		editor -- "$SAVER" rename "$H/app/link" 2
		version_is 2 && [ -L "$H/app/link" ]
		result "through a link, what that stands for" [ $? = 0 ]
	}
	rm "$H/app/link"
	editor -- sh -c 'for i; do echo "$i" >x && mv x "$i"; done; ls -A' - "$F" "$H/app/secret"
	result "two files of one folder" is "$(cat "$F" "$H/app/secret")" "$F
$H/app/secret"
	result "and nothing is left of it" is "$(find "$H/data/sbx/files" -mindepth 2)" ""
}

killed() {
	fresh
	as env XDG_DATA_HOME="$H/data" XDG_RUNTIME_DIR="$H/run" python3 -B "$T/lib/persist.py" "${KILLS:-6}" "$F" "$SBX" $EXTRA -p default \
		--ro="$T/lib" --set=filesystem.persist-file="$F" -- >"$T/out" 2>"$T/err"
	status=$?
	result "$(tail -n 1 "$T/out")" [ "$status" = 0 ]
	# a program that is killed while it writes in place leaves a part, if there is no copy
	half=1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		fresh
		run --rw="$F" --set=limits.wall-time=0.3 --user=keep -- "$SAVER" truncate "$F" 2 0.001
		$SAVER check "$F" >/dev/null 2>&1 || { half=0 && break; }
	done
	result "control: without a copy a part of a file is left" [ $half = 0 ]
}

for who in $CALLERS; do
	H=$T/$who
	F=$H/app/settings
	mkdir -p "$H/data" "$H/config" "$H/run"
	chmod 700 "$H/run"
	OWNER=0
	[ "$who" = root ] || OWNER=$TEST_UID
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$H"
	TEST_FILE=$(as sh -c 'getent passwd "$(id -u)"' | cut -d: -f6)/.sbx-test-kept.$$
	if [ "${PERSIST_PARTS-}" != killed ]; then
		ways
		folder
		homes
		removed
		hostile
		grows
		meanwhile
		keeper
		arguments
	fi
	killed
done
nothing_left
done_testing
