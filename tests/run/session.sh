#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Overlays and sessions, as root and as an ordinary user: a program changes all that it can in a folder, and the host stays as
# it was; what it changed is shown, committed, also when that is killed again and again or the disk is full, or discarded; and
# nothing of a hostile session leads out of the folder. CRASHES: how many commits are killed; SESSION_PARTS: some of the tests.
# `make check-image-long` has 200 of the first.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need python3 || skip_all "$missing is not installed"
test_folder

# All of a tree: types, modes, contents, links, and times of files.
cat >"$T/state.py" <<'END'
import hashlib, os, stat, sys
for folder, folders, files in os.walk(os.fsencode(sys.argv[1])):
    folders.sort()
    for name in sorted(folders + files + [b"."]):
        path = os.path.join(folder, name)
        st = os.lstat(path)
        more = ""
        if stat.S_ISREG(st.st_mode):
            more = hashlib.sha256(open(path, "rb").read()).hexdigest() + " %d" % st.st_mtime_ns
        elif stat.S_ISLNK(st.st_mode):
            more = os.readlink(path)
        print(path[len(sys.argv[1]):], oct(st.st_mode), st.st_uid, more)
END
state() {
	python3 "$T/state.py" "$1"
}
ctl() {
	as env XDG_STATE_HOME="$H/state" XDG_CONFIG_HOME="$H/config" "${SBXCTL:?}" session "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	return $status
}
# shellcheck disable=SC2086 # a list of words
run() {
	as env XDG_STATE_HOME="$H/state" XDG_CONFIG_HOME="$H/config" timeout "$(seconds 60)" "$SBX" $EXTRA --user=keep -p default "$@" \
		>"$T/out" 2>"$T/err" </dev/null
	status=$?
	return $status
}
fails() { # fails TEXT
	[ "$status" != 0 ] && grep -qF -- "$1" "$T/err"
}
give() {
	[ "$who" = root ] || chown -hR "$TEST_UID:$TEST_GID" "$@"
}
same() { # same FILE FOLDER: the state in the file is that of the folder
	state "$2" | diff "$1" - >"$T/difference" || { note_file "$T/difference" && false; }
}

# A new folder of the host, and the session of the name is gone.
fresh() {
	rm -rf "$H/p" "$H/state/sbx/sessions/$1"
	mkdir -p "$H/p/sub" "$H/p/opaque/below" "$H/p/kept" "$H/p/to-file"
	for name in change remove mode to-folder sub/x opaque/o opaque/below/o kept/k to-file/x touched; do
		echo "$name of the host" >"$H/p/$name"
	done
	ln -s change "$H/p/link"
	ln "$H/p/change" "$H/p/second-name"
	give "$H/p"
}

# What a program does to a folder.
cat >"$T/changes" <<'END'
set -e
cd "$1"
echo changed >change
echo new >added
rm -r sub remove
chmod 600 mode
rm -r opaque && mkdir opaque && echo new >opaque/new && mkdir opaque/below && echo o >opaque/below/other
rm -r to-file && echo file >to-file
rm to-folder && mkdir to-folder && echo x >to-folder/x
ln -sf /etc/passwd link
ln added linked
mkdir -p deep/er && echo d >deep/er/file && chmod 555 deep/er
mkfifo fifo
truncate -s 20M sparse && echo end >>sparse
head -c 3000000 /dev/zero | tr '\0' x >big
mv kept moved
END
chmod 755 "$T/changes"

# Its changes, as a diff has them.
changes_of() {
	cat <<END
added    file   0644            4 $H/p/added
added    file   0644      3000000 $H/p/big
changed  file   0644            8 $H/p/change
added    folder 0755            0 $H/p/deep
added    folder 0555            0 $H/p/deep/er
added    file   0644            2 $H/p/deep/er/file
refused  -         -            - $H/p/fifo: fifo
removed  folder    -            - $H/p/kept
changed  link      -            - $H/p/link -> /etc/passwd
added    file   0644            4 $H/p/linked
mode     file   0600           17 $H/p/mode
added    folder 0755            0 $H/p/moved
added    file   0644           19 $H/p/moved/k
opaque   folder 0755            0 $H/p/opaque
added    folder 0755            0 $H/p/opaque/below
added    file   0644            2 $H/p/opaque/below/other
added    file   0644            4 $H/p/opaque/new
removed  file      -            - $H/p/remove
added    file   0644     20971524 $H/p/sparse
removed  folder    -            - $H/p/sub
replaced file   0644            5 $H/p/to-file
replaced folder 0755            0 $H/p/to-folder
added    file   0644            2 $H/p/to-folder/x
END
}

# What is written would lie in memory that can't keep all of it.
no_memory() {
	unavailable "$who: overlays in memory" "a tmpfs of this kernel has no extended attributes"
	fresh none
	run --overlay="$H/p" -- sh -c "echo x >$H/p/change"
	result "are refused, with a remedy" fails "filesystem.session writes to a disk"
}

memory() {
	if ! memory_has_attributes; then
		no_memory
		return
	fi
	fresh none
	state "$H/p" >"$T/before"
	run --overlay="$H/p" --ro="$T/changes" -- sh -c "sh $T/changes $H/p && cat $H/p/change && readlink $H/p/link"
	result "a program changes all of an overlay" [ "$(cat "$T/out")" = "changed
/etc/passwd" ]
	result "and the host is as it was" same "$T/before" "$H/p"
	result "nothing is kept" [ ! -e "$H/state/sbx/sessions" ]
	run --overlay="$H/p" -s filesystem.tmpfs-size=1M -- sh -c "head -c 3000000 /dev/zero >$H/p/big"
	result "filesystem.tmpfs-size bounds what is written" fails "No space left"
	run --overlay="$H/p" --hide="$H/p/change" --ro="$H/p/kept" -- sh -c "cd $H/p; cat change; echo x >kept/y; echo x >opaque/y; ls opaque"
	result "what is hidden or read-only below stays so" [ "$(grep -c 'cannot create kept/y\|Permission' "$T/err")" -ge 2 ]
	result "the rest is written" grep -q '^y$' "$T/out"
	run --rw="$H" --overlay="$H/p" -- sh -c "echo x >$H/p/change; echo x >$H/control"
	result "an overlay below a writable folder" same "$T/before" "$H/p"
	result "which is written" [ -e "$H/control" ]
	run --overlay="$H/p:/elsewhere" -- sh -c "cat /elsewhere/change; echo x >/elsewhere/change"
	result "at another path" grep -q 'change of the host' "$T/out"
	run --rw="$H/p" --ro="$T/changes" -- sh -c "sh $T/changes $H/p"
	result "control: without an overlay the host is another" [ "$(cat "$H/p/change")" = changed ]
}

refused() {
	run --overlay="$H/p/change" -- true
	result "a file is no folder" fails "is no folder"
	run --session=x -- true
	result "a session needs an overlay" fails "there is no overlay"
	run --overlay="$H/p" --session=../x -- true
	result "a name is checked" fails "is no name of a session"
	run --overlay="$H/p" --session=x -s limits.disk=1M -- true
	result "limits.disk can't be kept in a session" fails "limits.disk"
}

life() {
	fresh one
	state "$H/p" >"$T/before"
	run --overlay="$H/p" --session=one --ro="$T/changes" -- sh "$T/changes" "$H/p"
	result "a session is written" [ "$status" = 0 ]
	result "and the host is as it was" same "$T/before" "$H/p"
	result "its folder is the caller's alone" [ "$(stat -c %a "$H/state/sbx/sessions/one")" = 700 ]
	run --overlay="$H/p" --session=one -- sh -c "cat $H/p/change; ls $H/p/opaque; echo again >>$H/p/added"
	result "the next run goes on" [ "$(cat "$T/out")" = "changed
below
new" ]
	run --overlay="$H/p" --session=one -- sh -c "echo new >$H/p/added"
	changes_of >"$T/wanted"
	ctl diff one
	result "the differences are exact" diff "$T/wanted" "$T/out"
	ctl diff one --json
	result "and in JSON" python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))["sessions"][0]["overlays"]
assert len(d) == 1 and len(d[0]["changes"]) == 23, d' "$T/out"
	ctl list
	result "it is listed" grep -q "^one *- *23 " "$T/out"
	busy
	ctl commit one
	result "it is committed" [ "$status" = 0 ]
	result "but for what can't be" grep -q 'refused.*fifo$' "$T/out"
	state "$H/p" >"$T/committed"
	run --overlay="$H/p" -- true
	result "the host has the changes" [ "$(cat "$H/p/change" "$H/p/added" "$H/p/to-file" "$H/p/moved/k")" = "changed
new
file
kept/k of the host" ]
	result "no more and no less" [ "$(cd "$H/p" && find . | LC_ALL=C sort | tr '\n' ' ')" = ". ./added ./big ./change ./deep ./deep/er \
./deep/er/file ./link ./linked ./mode ./moved ./moved/k ./opaque ./opaque/below ./opaque/below/other ./opaque/new ./second-name \
./sparse ./to-file ./to-folder ./to-folder/x ./touched " ]
	result "with their modes" [ "$(stat -c %a "$H/p/mode" "$H/p/deep/er" | tr '\n' ' ')" = "600 555 " ]
	result "a hole is none on the disk" [ "$(du -k "$H/p/sparse" | cut -f1)" -lt 1000 ]
	result "the other name of a file is not changed" [ "$(cat "$H/p/second-name")" = "change of the host" ]
	ctl diff one
	result "then the session is empty" [ -z "$(cat "$T/out")" ]
	run --overlay="$H/p" --session=one -- sh -c "echo more >>$H/p/change; echo no >$H/p/no"
	ctl commit one "$H/p/change"
	result "one path is committed" [ "$(cat "$H/p/change")" = "changed
more" ]
	ctl diff one
	result "the other stays" [ "$(cat "$T/out")" = "added    file   0644            3 $H/p/no" ]
	run --overlay="$H/p" --session=one -- sh -c "echo more >>$H/p/change"
	ctl commit one p/change
	result "a path is in no folder" fails "is in no folder of the session"
	ctl commit one
	result "the same file once more, after a part was committed" [ "$(wc -l <"$H/p/change")" = 3 ]
	ctl discard one
	result "it is discarded" [ "$(ls -A "$H/state/sbx/sessions")" = "" ]
	ctl diff one
	result "then there is none" fails "there is no session"
}

busy() {
	: >"$H/p/../wait"
	(run --overlay="$H/p" --session=one --rw="$H/wait" -- sh -c "while [ ! -s $H/wait ]; do sleep 0.1; done") &
	wait_for 10 in_use
	result "a run has it" [ $? = 0 ]
	run --overlay="$H/p" --session=one -- true
	result "not two at once" fails "is in use"
	ctl commit one
	result "nor a commit" fails "is in use"
	ctl discard one
	result "nor its end" fails "is in use"
	echo go >"$H/wait"
	wait
}
free() {
	ctl list && ! grep -q "^$1 *in use" "$T/out"
}
in_use() {
	ctl list && grep -q '^one *in use' "$T/out"
}

# The host has changed, too.
conflicts() {
	fresh two
	run --overlay="$H/p" --session=two -- sh -c "cd $H/p; echo a >change; rm remove; echo a >both; rm -r opaque; echo b >fine"
	sleep 0.1
	echo host >>"$H/p/change"
	ctl commit two
	result "what the host changed meanwhile is not overwritten" fails "the host has changed it"
	result "and nothing else is committed" [ ! -e "$H/p/fine" ]
	ctl commit two "$H/p/fine"
	result "another path is" [ -e "$H/p/fine" ]
	echo host >"$H/p/opaque/below/new"
	ctl commit two "$H/p/opaque"
	result "nor is it removed with its folder" fails "the host has changed it"
	ctl commit two --force
	result "but with --force" [ "$(cat "$H/p/change")" = a ]
	result "a folder goes with what is new in it" [ ! -e "$H/p/opaque" ]
	ctl discard two
}

# What the tests below commit, as the host and the session are before: $H/p.kept, $H/state.kept, "$T/before"; and "$T/whole", as
# the host is after it. Sets $took: nanoseconds.
prepare_commits() {
	fresh three
	for i in 1 2 3 4 5 6 7 8 9; do
		mkdir "$H/p/many$i" && for k in 1 2 3 4 5 6 7 8 9; do echo "$i$k" >"$H/p/many$i/$k"; done
	done
	give "$H/p"
	# shellcheck disable=SC2016 # for the shell inside
	run --overlay="$H/p" --session=three --ro="$T/changes" -- sh -c 'sh '"$T/changes $H/p"'; cd '"$H/p"'; for i in 1 2 3; do
		for k in 1 2 3 4 5 6 7 8 9; do echo new$i$k >many$i/$k; done; done; rm -r many4 many5; rm -r many6; mkdir many6; for k in 7 8 9 10 11
		do echo new >many6/$k; done; rm fifo'
	as cp -a "$H/p" "$H/p.kept"
	as cp -a "$H/state" "$H/state.kept" 2>/dev/null # but for the folder of the overlayfs' own, which is closed to the user
	state "$H/p" >"$T/before"
	began=$(date +%s%N)
	ctl commit three
	took=$(($(date +%s%N) - began))
	state "$H/p" >"$T/whole"
}

# Each file of the host is as it was or as it will be, but for one that was being written.
none_is_torn() {
	for file in "$T/before" "$T/whole"; do awk 'NF == 5 { print $1, $4 }' "$file"; done | sort -u >"$T/may-be"
	state "$H/p" | awk 'NF == 5 { print $1, $4 }' | grep -vxFf "$T/may-be" | grep -vE "/[0-9a-f]{32}' " >"$T/torn"
	[ ! -s "$T/torn" ] || { note_file "$T/torn" && false; }
}

# Killed at random moments and run again, a commit ends as one that was not.
killed() {
	prepare_commits
	good=0 cut=0 round=0 torn=0
	while [ $round -lt "${CRASHES:-10}" ]; do
		round=$((round + 1))
		rm -rf "$H/p" "$H/state"
		as cp -a "$H/p.kept" "$H/p"
		as cp -a "$H/state.kept" "$H/state" 2>/dev/null
		as touch "$H"/state/sbx/sessions/three/*/begun # the copies are newer than the session
		wanted=$(python3 -c "import random; print(random.random() * 0.9 * $took / 1e9 + 0.001)")
		as env XDG_STATE_HOME="$H/state" timeout -s KILL "$wanted" "$SBXCTL" session commit three >/dev/null 2>&1 || cut=$((cut + 1))
		wait_for 10 free three # the killed one may still wait for the disk
		none_is_torn || torn=$((torn + 1))
		ctl commit three || note_file "$T/err"
		same "$T/whole" "$H/p" && [ "$status" = 0 ] && good=$((good + 1))
	done
	ok $((round - good)) "$who: a commit that was killed ends right when it is run again"
	ok $torn "$who: and meanwhile no file is between what it was and what it will be"
	note "$who: killed $cut of $round times"
	ctl diff three
	result "and the session is empty" [ -z "$(cat "$T/out")" ]
	result "with nothing beside" [ -z "$(find "$H/state" -name "done")" ]
	ctl discard three
	rm -rf "$H/p.kept" "$H/state.kept"
}

# In a mount namespace of its own; what it prints is wrong, but for the last line.
cat >"$T/full.sh" <<'END'
#!/bin/sh
# FOLDER SBXCTL STATE.PY WHOLE BEFORE
H=$1 sbxctl=$2 state=$3 whole=$4 before=$5
export XDG_STATE_HOME="$H/state" XDG_CONFIG_HOME="$H/config" # of the one who is root in here
commit() { "$sbxctl" session commit three >"$H/said" 2>&1; }
begin() { touch "$H"/state/sbx/sessions/three/*/begun; }
# Owners are others in a user namespace.
files() { python3 "$state" "$H/p" | awk '{ $3 = "-"; print }'; }
awk '{ $3 = "-"; print }' "$whole" >"$H/whole"
awk 'NF == 5 { print $1, $4 }' "$whole" "$before" | sort -u >"$H/may-be"
fulls=0
# In a new file system: the folder FOLDER of it is at $H/FOLDER, and beside it what fills it is, so that it can go.
disk() { # FOLDER OPTIONS
	mkdir -p "$H/disk" "$H/$1" && mount -t tmpfs -o "$2,mode=755" none "$H/disk" && mkdir "$H/disk/$1" && cp -a "$H/$1.kept/." "$H/disk/$1/" &&
		mount --bind "$H/disk/$1" "$H/$1" || { echo "no file system" && exit 99; }
}
no_disk() { umount "$H/$1" && umount "$H/disk"; }
# the disk of the host
for kib in 0 40 200 1000 2000 3000 8000; do
	rm -rf "$H/state"
	cp -a "$H/state.kept" "$H/state"
	disk p size=64m
	begin
	head -c $((($(df -k --output=avail "$H/disk" | tail -n 1) - kib) * 1024)) /dev/zero >"$H/disk/filler"
	if commit; then
		files | cmp -s - "$H/whole" || echo "$kib: done, and not whole: $(files | diff - "$H/whole")"
	else
		fulls=$((fulls + 1))
		grep -q 'No space left on device' "$H/said" || echo "$kib: $(cat "$H/said")"
		files | awk 'NF == 5 { print $1, $4 }' | grep -vxFf "$H/may-be" | sed "s/^/$kib: torn: /"
		rm "$H/disk/filler"
		commit || echo "$kib: with room: $(cat "$H/said")"
		files | cmp -s - "$H/whole" || echo "$kib: with room, not whole: $(files | diff - "$H/whole")"
	fi
	[ -z "$("$sbxctl" session diff three)" ] || echo "$kib: the session is not empty"
	no_disk p
done
# that of the session, when all else is done
rm -rf "$H/state" "$H/p"
cp -a "$H/p.kept" "$H/p"
disk state size=64m,nr_inodes=1000
begin
number=0
while { true >"$H/disk/$number"; } 2>/dev/null; do number=$((number + 1)); done
if commit; then
	echo "the session's disk was not full"
else
	fulls=$((fulls + 1))
	grep -q 'No space left on device' "$H/said" || echo "session: $(cat "$H/said")"
	files | cmp -s - "$H/whole" || echo "session: not whole: $(files | diff - "$H/whole")"
	[ -n "$("$sbxctl" session diff three)" ] || echo "session: it is empty"
	rm "$H/disk/1" "$H/disk/2" "$H/disk/3"
	commit || echo "session: with room: $(cat "$H/said")"
fi
files | cmp -s - "$H/whole" && [ -z "$("$sbxctl" session diff three)" ] || echo "session: at last not whole"
no_disk state
echo "full $fulls times"
END

full() {
	prepare_commits
	map=
	[ "$who" = root ] || map=--map-root-user
	# shellcheck disable=SC2086 # none or one
	if as unshare $map --mount mount -t tmpfs none "$H/p" 2>/dev/null; then
		as unshare $map --mount sh "$T/full.sh" "$H" "$SBXCTL" "$T/state.py" "$T/whole" "$T/before" >"$T/out" 2>"$T/err"
		status=$?
		[ ! -s "$T/err" ] && [ "$(grep -c . "$T/out")" = 1 ] && between 4 "$(sed -n 's/full \(.*\) times/\1/p' "$T/out")" 7
		result "on a full disk, too: no file is torn, nothing is lost, and with room it ends right" test $? = 0
		note "$who: $(tail -n 1 "$T/out")"
	else
		skip "$who: a full disk" "no tmpfs in a mount namespace"
	fi
	ctl discard three
	rm -rf "$H/p.kept" "$H/state.kept"
}

# What no program of a sandbox can make, and what one can. Outside of the folder nothing changes.
hostile() {
	fresh four
	mkdir "$H/outside"
	echo canary >"$H/outside/canary"
	give "$H/outside"
	state "$H/outside" >"$T/outside"
	run --overlay="$H/p" --session=four -- python3 -c "
import os
os.chdir('$H/p')
for name, value in (('user.overlay.opaque', b'y'), ('user.overlay.redirect', b'/etc'), ('user.overlay.whiteout', b'y')):
    for path in ('opaque', 'change'):
        try: os.setxattr(path, name, value)
        except OSError: pass
try: os.mknod('whiteout', 0o020000, 0)
except OSError: pass
open('name\n\x1b[31m', 'w').close()
os.mkdir('sub/new')
open('sub/new/file', 'w').close()
open('sub/file', 'w').close()
for i in range(200):
    os.mkdir('d')
    os.chdir('d')
open('end', 'w').write('deep')
"
	result "a program writes what it wants" [ "$status" = 0 ]
	ctl diff four
	result "its attributes of overlayfs are none" [ "$(grep -c 'opaque  \|removed\|attribute' "$T/out")" = 0 ]
	result "a name is shown without its bytes" grep -qF 'name\x0a\x1b[31m' "$T/out"
	U=$(echo "$H"/state/sbx/sessions/four/*/upper)
	K=$(head -c 32 "$U/../lower")
	python3 -c "
import os, sys
os.chdir('$U')
os.mknod('absent', 0o020000 | 0o600, 0)
os.mkfifo('fifo')
open('setuid', 'w').close()
os.chmod('setuid', 0o4755)
os.symlink('$H/outside', 'out')
open('redirected', 'w').close()
os.setxattr('redirected', 'user.overlay.redirect', b'/outside')
open('$K', 'w').close()
open('kept', 'w').close()
"
	give "$U/setuid" "$U/redirected" "$U/$K" "$U/kept" "$U/out"
	[ "$who" = root ] || chmod 4755 "$U/setuid"
	ctl diff four
	result "a whiteout of nothing is nothing" [ "$(grep -c absent "$T/out")" = 0 ]
	result "bits of other rights are seen" grep -q 'setuid: without its setuid' "$T/out"
	ctl commit four
	result "an attribute that no sandbox makes is not trusted" fails "can't be committed"
	rm "$U/redirected"
	ctl commit four
	result "nor a name of sbx's own" fails "can't be committed"
	rm "$U/$K"
	mv "$H/p/sub" "$H/p/sub.old"
	ln -s "$H/outside" "$H/p/sub"
	ctl commit four
	result "nor a folder that became a link" fails "the host has changed it"
	ctl commit four --force
	result "a link in the way of a commit is replaced, not followed" [ "$status$(cat "$H/p/sub/file")" = 0 ]
	result "outside is all as it was" same "$T/outside" "$H/outside"
	result "no bits of other rights" [ "$(stat -c %a "$H/p/setuid")" = 755 ]
	result "no pipe" [ ! -e "$H/p/fifo" ]
	result "a tree that is deep" [ "$(find "$H/p" -name end -exec cat {} +)" = deep ]
	ctl discard four
	fresh four
	run --overlay="$H/p" --session=four -- sh -c "cd $H/p; mkdir shut; echo x >shut/x; chmod 0 shut; echo x >shut-file; chmod 0 shut-file"
	ctl discard four
	result "closed folders are discarded" [ "$(ls -A "$H/state/sbx/sessions")" = "" ]
	rm -rf "$H/outside"
}

# A commit writes no profile, and nothing else that is sbx's.
own() {
	fresh five
	mkdir -p "$H/config"
	give "$H/config"
	run --overlay="$H" --session=five -- sh -c "mkdir -p $H/config/sbx/profiles; echo x >$H/config/sbx/profiles/evil.ini; echo x >$H/p/change"
	result "a home is an overlay, with the session in it" [ "$status" = 0 ]
	ctl commit five
	result "a profile is not committed" fails "profiles, boxes, images and sessions of sbx"
	ctl commit five "$H/p"
	result "the rest is" [ "$(cat "$H/p/change")" = x ]
	run --overlay="$H" --session=five -- sh -c "rm -r $H/config; ln -s $H/p $H/config"
	ctl commit five
	result "nor is a link put in its way" fails "profiles, boxes, images and sessions of sbx"
	ctl discard five
	run --rw="$H" -- sh -c "mkdir -p $H/state/sbx/sessions/evil"
	result "a sandbox that may write a home makes no session" [ ! -e "$H/state/sbx/sessions/evil" ]
}

for who in $CALLERS; do
	H=$T/$who
	mkdir "$H"
	give "$H"
	for part in ${SESSION_PARTS:-memory refused life conflicts killed full hostile own}; do $part; done
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left${left:+: $left}"
done
done_testing
