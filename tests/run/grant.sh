#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl grant, revoke and limit: what is changed in a sandbox that runs; as root and as an ordinary user.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for eval, or for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
test_folder
most=100 # rounds against a program that moves folders
[ "${SANITIZERS-}" != yes ] || most=25

begin() {
	D=$T/$who
	mkdir "$D" "$D/run" "$D/home" "$D/data" "$D/data/sub" "$D/data/below" "$D/shared" "$D/secret"
	chmod 700 "$D/run"
	echo here >"$D/data/file"
	echo deep >"$D/data/sub/file"
	echo secret >"$D/secret/file"
	mkdir -p "$D/home/.local/share/sbx/images" "$D/home/.config/sbx/profiles"
	echo hidden >"$D/home/.local/share/sbx/images/x"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
}
in_folders() {
	as env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" XDG_DATA_HOME="$D/home/.local/share" XDG_CONFIG_HOME="$D/home/.config" "$@"
}
ctl() { in_folders "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { in_folders "$SBX" $EXTRA "$@"; }
detach() { sbx --detach --user=keep "$@" >/dev/null; }
with_folder() { detach --set=filesystem.grants=yes "$@"; }
inside() { ctl exec "$@"; }
# says TEXT COMMAND...: it fails, with status 1, and says that.
says() {
	text=$1
	shift
	"$@" >"$D/out" 2>"$D/err"
	[ $? = 1 ] && grep -qF -- "$text" "$D/err" && return
	note_file "$D/err"
	return 1
}
mounts() { sort /proc/self/mountinfo; }
tree() { find "$D/data" "$D/shared" "$D/secret" -printf '%p %y %s %l\n' | sort; }

shows() {
	with_folder --name=web sleep 600
	! inside web cat "$D/data/file" 2>/dev/null && [ -z "$(inside web ls /run/granted)" ]
	ok $? "$who: control: it was not visible before"
	mounts >"$D/mounts"
	[ "$(ctl grant web "$D/data")" = /run/granted/data ]
	ok $? "$who: grant says where it is seen"
	[ "$(inside web cat /run/granted/data/file)" = here ] && [ "$(inside web cat /run/granted/data/sub/file)" = deep ]
	ok $? "$who: and there it is"
	! inside web sh -c ': >/run/granted/data/new' 2>"$D/err" && grep -q 'Read-only' "$D/err" && [ ! -e "$D/data/new" ]
	ok $? "$who: read-only"
	! inside web sh -c ': >/run/granted/new; mkdir /run/granted/d; mv /run/granted/data /run/granted/e; rmdir /run/granted/data' \
		2>/dev/null && [ "$(inside web ls /run/granted)" = data ]
	ok $? "$who: the folder of grants itself can't be changed inside"
	[ "$(ctl grant we "$D/data" --write --at=/run/granted/w)" = /run/granted/w ] && inside web sh -c 'echo new >/run/granted/w/new' &&
		[ "$(cat "$D/data/new")" = new ]
	ok $? "$who: a second one, with --write, writes; the name is known by its beginning"
	set_id='sysopen(F, $ARGV[0], 0101, oct($ARGV[1])) or die "$!\n"'
	sbx --user=keep perl -e "$set_id" /tmp/set 04755
	ok $? "$who: control: where nothing of the host can be written, set-user-id files are made"
	inside web perl -e "$set_id" /run/granted/w/plain 0755 && ! inside web perl -e "$set_id" /run/granted/w/set 04755 2>/dev/null &&
		[ -e "$D/data/plain" ] && [ ! -e "$D/data/set" ]
	ok $? "$who: but makes no set-user-id files, as its filter knew from the start"
	! inside web touch /run/granted/data/other 2>/dev/null
	ok $? "$who: the first is still read-only"
	inside web grep -q -e ' /run/granted/data .*nosuid,nodev' /proc/self/mountinfo
	ok $? "$who: no set-user-id, no devices"
	cp /bin/true "$D/data/program" && inside web /run/granted/data/program
	ok $? "$who: it can be executed, as with --ro"
	ctl inspect web >"$D/out" && grep -qF "granted: $D/data at /run/granted/data, read-only" "$D/out" &&
		grep -qF "granted: $D/data at /run/granted/w, writable" "$D/out"
	ok $? "$who: inspect shows both"
	says 'is granted more than once' ctl revoke web "$D/data"
	ok $? "$who: revoke of what is granted twice asks which"
	ctl revoke web /run/granted/w >"$D/out" && grep -q 'open stay open' "$D/out" && [ "$(inside web ls /run/granted)" = data ] &&
		[ "$(inside web cat /run/granted/data/file)" = here ]
	ok $? "$who: revoke takes away just that, and says what it can't take"
	in_folders sh -c 'cd "$1" && exec "$2" revoke web data' - "$D" "$SBXCTL" >/dev/null && [ -z "$(inside web ls /run/granted)" ] &&
		! inside web cat /run/granted/data/file 2>/dev/null
	ok $? "$who: revoke by its path on the host, from the working directory"
	! ctl inspect web | grep -q '^granted' && [ -f "$D/data/file" ]
	ok $? "$who: inspect shows none, and the host has all"
	mounts | cmp -s - "$D/mounts"
	ok $? "$who: the host's mounts are as they were"
	ctl grant web "$D/data" >/dev/null
	inside web sh -c 'cd /run/granted/data && exec 3<file && cat file && : >/tmp/ready && while [ ! -e /tmp/go ]; do sleep 0.1; done
		cat <&3; cat file; cat sub/file' >"$D/held" 2>/dev/null &
	wait_for 5 inside web test -e /tmp/ready
	ctl revoke web "$D/data" >"$D/out"
	inside web touch /tmp/go
	wait $!
	if [ "$LANDLOCK" = 0 ]; then held='here here here deep '; else held='here here '; fi
	[ "$(tr '\n' ' ' <"$D/held")" = "$held" ]
	ok $? "$who: a file that was open stays so; by an open folder, Landlock lets nothing be opened any more"
	says "is not granted to it" ctl revoke web "$D/data"
	ok $? "$who: what is not granted can't be revoked"
	ctl grant web "$D/data" >/dev/null && sed -i 's/"mount": *[0-9]*/"mount":1/' "$D/run/sbx/web.changes" &&
		ctl revoke web "$D/data" >/dev/null && ! ctl inspect web | grep -q '^granted' && [ "$(inside web cat /run/granted/data/file)" = here ]
	ok $? "$who: a mount that is not the one that was granted is not taken away"
	ctl kill web
	[ -z "$(find "$D/run/sbx" -name 'web*')" ]
	ok $? "$who: the record of it goes with the sandbox"
}

kinds() {
	with_folder --name=k sleep 600
	ctl grant k "$D/data/file" >/dev/null && [ "$(inside k cat /run/granted/file)" = here ]
	ok $? "$who: a file"
	! inside k sh -c 'echo x >/run/granted/file' 2>/dev/null && [ "$(cat "$D/data/file")" = here ]
	ok $? "$who: read-only"
	ctl grant k "$D/data/file" --write --at=/run/granted/a/b/f >/dev/null && inside k sh -c 'echo more >>/run/granted/a/b/f' &&
		[ "$(sed -n 2p "$D/data/file")" = more ]
	ok $? "$who: a file to write, in folders that are made"
	echo here >"$D/data/file"
	says "is seen at '/run/granted/a/b/f' already" ctl grant k "$D/data" --at=/run/granted/a
	ok $? "$who: nothing covers what is granted"
	says "is seen at '/run/granted/file' already" ctl grant k "$D/data/sub/file"
	ok $? "$who: nor takes its name"
	ctl revoke k /run/granted/file >/dev/null && ctl revoke k /run/granted/a/b/f >/dev/null && [ -z "$(inside k find /run/granted -type f)" ]
	ok $? "$who: both are taken away"
	ctl grant k "$D/data/file" --at=/etc/granted >/dev/null && [ "$(inside k cat /etc/granted)" = here ]
	ok $? "$who: --at: where a rule of its Landlock domain lets it read"
	says 'do not let its programs write in' ctl grant k "$D/data/sub" --write --at=/etc/sub
	ok $? "$who: but not write"
	says 'do not let its programs read' ctl grant k "$D/data" --at=/mnt/data
	ok $? "$who: nowhere else"
	says "'/proc/1' is the sandbox's own" ctl grant k "$D/data" --at=/proc/1 && says "'/' is the sandbox's own" ctl grant k "$D/data" --at=/
	ok $? "$who: never over its /proc, or its root"
	says "it is not of the sandbox's own" ctl grant k "$D/data" --at=/tmp/x && says "it is not of the sandbox's own" ctl grant k "$D/data" --at=/usr/x
	ok $? "$who: not where programs write, nor in what is the host's"
	says "of the host's /proc" ctl grant k /proc/sys && says "does not exist" ctl grant k "$D/nothing" &&
		says "no last name" ctl grant k /
	ok $? "$who: not the host's /proc, not what is not there"
	: >"$D/data/a:b \${x"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D/data/a:b \${x"
	says "'\${'" ctl grant k "$D/data/a:b \${x"
	ok $? "$who: a path with a variable in it is one, as for --ro"
	mkdir "$D/data/a:b" && ctl grant k "$D/data/a:b" >/dev/null && [ "$(inside k ls /run/granted)" = "a
a:b" ]
	ok $? "$who: a colon is none of a rule"
	ctl grant k 2>/dev/null
	[ $? = 2 ] && { ctl grant k a b 2>/dev/null; [ $? = 2 ]; } && { ctl revoke k --write x 2>/dev/null; [ $? = 2 ]; } &&
		{ ctl limit k 2>/dev/null; [ $? = 2 ]; }
	ok $? "$who: wrong use: 2"
	says "no sandbox 'nobody' runs" ctl grant nobody "$D/data" && says "no sandbox 'nobody' runs" ctl revoke nobody "$D/data" &&
		says "no sandbox 'nobody' runs" ctl limit nobody memory=1G
	ok $? "$who: no such sandbox"
	ctl kill k
	says "no sandbox 'k' runs" ctl grant k "$D/data"
	ok $? "$who: it has ended"
}

# As the compiler would have it.
policy() {
	with_folder --name=p sleep 600
	ctl grant p "$D/home" --write >/dev/null && inside p sh -c 'echo x >/run/granted/home/mine' && [ -s "$D/home/mine" ]
	ok $? "$who: a home"
	! inside p cat /run/granted/home/.local/share/sbx/images/x 2>/dev/null && [ -s "$D/home/.local/share/sbx/images/x" ]
	ok $? "$who: without the store of sbx, which is covered"
	! inside p sh -c ': >/run/granted/home/.config/sbx/profiles/x.ini' 2>/dev/null &&
		! inside p mv /run/granted/home/.config /run/granted/home/other 2>/dev/null && [ ! -e "$D/home/.config/sbx/profiles/x.ini" ]
	ok $? "$who: its profiles are read-only, and stay where they are"
	says 'is never writable in a sandbox' ctl grant p "$D/home/.config/sbx/profiles" --write
	ok $? "$who: and not granted to be written"
	ctl grant p "$D/run" --at=/run/granted/runtime >/dev/null && ! inside p sh -c 'cat /run/granted/runtime/sbx/*' 2>/dev/null
	ok $? "$who: the records of what runs are covered"
	inside p sh -c 'umount /run/granted/home/.local/share/sbx' 2>/dev/null
	! inside p cat /run/granted/home/.local/share/sbx/images/x 2>/dev/null
	ok $? "$who: and can't be uncovered"
	ctl revoke p "$D/home" >/dev/null && [ "$(inside p ls /run/granted)" = runtime ]
	ok $? "$who: all of it goes away together"
	ctl kill p
	with_folder --name=q --set=filesystem.no-exec=/run sleep 600
	ctl grant q "$D/data" >/dev/null && [ "$(inside q cat /run/granted/data/file)" = here ] && ! inside q /run/granted/data/program 2>/dev/null
	ok $? "$who: where nothing is executed, nothing granted is"
	ctl kill q
	sbx --set=filesystem.grants=yes --set=limits.disk=10M true 2>"$D/err"
	[ $? = 125 ] && grep -q "filesystem.grants 'yes'.*nothing counts" "$D/err"
	ok $? "$who: a limit of disk can't be had with it"
	sbx --set=filesystem.grants=yes --ro="$D/data:/run/granted/x" true 2>"$D/err"
	[ $? = 125 ] && grep -q 'is the folder of grants' "$D/err"
	ok $? "$who: the folder of grants is nothing else"
}

refusals() {
	detach --name=old sleep 600
	if [ "$LANDLOCK" = 0 ]; then
		[ "$(ctl grant old "$D/data")" = /run/granted/data ] && [ "$(inside old cat /run/granted/data/file)" = here ]
		ok $? "$who: without Landlock no folder has to be there"
	else
		says 'start it with --set=filesystem.grants=yes' ctl grant old "$D/data" && ! inside old ls /run/granted 2>/dev/null
		ok $? "$who: one whose Landlock domain has no folder for it is refused, with the remedy"
	fi
	ctl kill old
	detach --name=fake --ro="$D/shared:/run/granted" sleep 600
	says "" ctl grant fake "$D/data" && [ -z "$(ls "$D/shared")" ]
	ok $? "$who: a folder of the host in its place is not taken for it"
	ctl kill fake
	with_folder --name=nested --set=process.nested-namespaces=2 --set=syscalls.base=none sleep 600
	ctl grant nested "$D/data" >/dev/null && ctl revoke nested "$D/data" | grep -q "mount namespaces of the program's own"
	ok $? "$who: revoke says that namespaces of the program's own keep what they have"
	ctl kill nested
	with_folder --name=deep --set=process.nested-namespaces=2 \
		--set=syscalls.base=none unshare -Um --propagation unchanged sleep 600
	wait_for 5 eval '! ctl grant deep "$D/data" >/dev/null 2>"$D/err"'
	grep -q 'has left its mnt namespace' "$D/err" && ! ctl inspect deep | grep -q ^granted
	ok $? "$who: a command that has gone into another mount namespace is not followed"
	ctl kill deep
	need strace || {
		unavailable "$who: a sandbox without Landlock" "$missing is not installed"
		return
	}
	[ "$LANDLOCK" = 0 ] || without_landlock
}

# As on a kernel that has none.
without_landlock() {
	in_folders env ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=landlock_create_ruleset \
		-e inject=landlock_create_ruleset:error=ENOSYS "$SBX" --best-effort=landlock --user=keep --name=open sleep 600 &
	wait_for 10 eval 'ctl list | grep -q "^open "'
	[ "$(ctl grant open "$D/data")" = /run/granted/data ] && [ "$(inside open cat /run/granted/data/file)" = here ] &&
		! inside open /run/granted/data/program 2>/dev/null
	ok $? "$who: without Landlock it needs no folder that is there; what is granted is not executed then"
	[ "$(ctl grant open "$D/data" --at=/srv/a/b)" = /srv/a/b ] && [ "$(inside open cat /srv/a/b/file)" = here ]
	ok $? "$who: and may be seen at any place of the root"
	says 'it was started without filesystem.grants' ctl grant open "$D/data" --write
	ok $? "$who: but nothing is writable of which filter and limits did not know"
	says "it is not of the sandbox's own" ctl grant open "$D/data" --at=/tmp/x
	ok $? "$who: but not where programs write"
	ctl revoke open /srv/a/b >"$D/out" && grep -q 'files and folders that are open stay open' "$D/out" && ctl revoke open /run/granted/data >/dev/null && [ -z "$(inside open ls /run/granted)" ]
	ok $? "$who: and goes away"
	ctl kill open
	wait
}

# The program makes links and renames all the time.
hostile() {
	swap='mkdir /tmp/p /tmp/q; while :; do mv /tmp/p /tmp/o; ln -s "$1" /tmp/p; mv -T /tmp/p /tmp/q/l; mv /tmp/o /tmp/p
		rm -f /tmp/q/l; ln -s / /run/granted/data; mv /run /r; ln -s "$1" /run; ln -s "$1" /srv; mkdir /run/granted/x; done 2>/dev/null'
	with_folder --name=evil --rw="$D/shared" sh -c "$swap" - "$D/shared"
	wait_for 5 inside evil test -d /tmp/p
	mounts >"$D/mounts"
	tree >"$D/tree"
	tries=$((most / SBX_TEST_SLOW))
	count=0 at=0 seen=0 gone=0
	while [ $count -lt $tries ]; do
		count=$((count + 1))
		! ctl grant evil "$D/data" --at=/tmp/p/x >/dev/null 2>&1 || at=$((at + 1))
		ctl grant evil "$D/data" >/dev/null 2>&1 && [ "$(inside evil cat /run/granted/data/file)" = here ] && seen=$((seen + 1))
		ctl revoke evil "$D/data" >/dev/null 2>&1 && ! inside evil test -e /run/granted/data/file && gone=$((gone + 1))
	done
	[ $at = 0 ] && [ $seen = $tries ] && [ $gone = $tries ]
	ok $? "$who: $tries grants and revokes against a program that renames and links: seen $seen, gone $gone, where it writes $at"
	tree | cmp -s - "$D/tree" && mounts | cmp -s - "$D/mounts"
	ok $? "$who: nothing of the host has changed"
	count=0
	while [ $count -lt 400 ] && [ ! -d "$D/shared/y" ]; do
		count=$((count + 1))
		inside evil sh -c 'for i in 1 2 3 4 5 6 7 8 9; do mkdir /tmp/p/y /tmp/q/l/y; done' 2>/dev/null
	done
	[ -d "$D/shared/y" ]
	ok $? "$who: control: who makes folders by path there makes one on the host"
	ctl kill evil
}

# The program may write on the host, and what is granted lies there.
sources() {
	mkdir "$D/shared/a"
	echo fine >"$D/shared/a/file"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D/shared"
	with_folder --name=swap --rw="$D/shared" sh -c 'cd "$1"; ln -s "$2" l; while :; do mv -T a b; mv -T l a; mv -T a l; mv -T b a; done 2>/dev/null' \
		- "$D/shared" "$D/secret"
	wait_for 5 test -L "$D/shared/l"
	tries=$((most / SBX_TEST_SLOW))
	count=0 leaked=0 fine=0
	# and on, until one has met the folder: else nothing was seen
	while [ $count -lt $tries ] || { [ $fine = 0 ] && [ $count -lt $((20 * tries)) ]; }; do
		count=$((count + 1))
		ctl grant swap "$D/shared/a" >/dev/null 2>&1 || continue
		case $(inside swap cat /run/granted/a/file 2>/dev/null) in
		fine) fine=$((fine + 1)) ;;
		secret) leaked=$((leaked + 1)) ;;
		esac
		ctl revoke swap /run/granted/a >/dev/null
	done
	[ $leaked = 0 ] && [ $fine -gt 0 ]
	ok $? "$who: of $tries grants and more of a folder that becomes a link and back, none shows what that leads to: $fine of $count, $leaked"
	wait_for 20 eval '[ "$(cat "$D/shared/a/file" 2>/dev/null)" = secret ]'
	ok $? "$who: control: who opens it by path reads that"
	ctl kill swap
	rm -rf "$D/shared/a" "$D/shared/b"
	with_folder --name=link sleep 600
	ln -sfn "$D/secret" "$D/shared/l"
	says "give the path that it stands for: $D/secret" ctl grant link "$D/shared/l"
	ok $? "$who: a link is refused, with the path it stands for"
	ctl kill link
}

# What is mounted below comes with it; root only, as others can't mount.
submount() {
	[ "$who" = root ] || return 0
	mount -t tmpfs none "$D/data/below" && echo below >"$D/data/below/file"
	with_folder --name=s sleep 600
	ctl grant s "$D/data" >/dev/null && [ "$(inside s cat /run/granted/data/below/file)" = below ]
	ok $? "$who: what is mounted below is seen"
	! inside s touch /run/granted/data/below/new 2>/dev/null && [ ! -e "$D/data/below/new" ]
	ok $? "$who: read-only, too"
	ctl revoke s "$D/data" >/dev/null && [ -z "$(inside s ls /run/granted)" ] && [ -e "$D/data/below/file" ]
	ok $? "$who: and goes away with it, inside only"
	mkdir "$D/data/below/proc" && mount -t proc none "$D/data/below/proc"
	ctl grant s "$D/data" >/dev/null && ! inside s cat /run/granted/data/below/proc/1/environ 2>/dev/null &&
		! inside s cat /run/granted/data/below/proc/version 2>/dev/null
	ok $? "$who: but no /proc of the host"
	ctl kill s
	umount "$D/data/below/proc" "$D/data/below"
}

use_memory='head -c 60000000 /dev/zero | tail -c 60000000 | wc -c'

limits() {
	if ! sbx --memory=200M --processes=20 true 2>/dev/null; then
		detach --name=l sleep 600
		says 'was started without such a limit in a cgroup' ctl limit l memory=100M
		ok $? "$who: a limit without a cgroup can't be changed"
		says 'is kept by no cgroup' ctl limit l stack=1M
		ok $? "$who: nor one that none keeps"
		! ctl inspect l | grep -q '^changed'
		ok $? "$who: and nothing says so"
		ctl kill l
		return
	fi
	detach --name=l --memory=200M --processes=20 --set=limits.cpu-time=100 sleep 600
	[ "$(inside l sh -c "$use_memory")" = 60000000 ]
	ok $? "$who: control: 60 MB fit"
	says 'it must be' ctl limit l memory=300M processes=0 && ! ctl inspect l | grep -q '^changed'
	ok $? "$who: values are checked as in a profile, and all are taken or none"
	for wrong in stack=1M cpu-time=5 wall-time=1 output-size=5 disk=1G; do
		says 'is kept by no cgroup' ctl limit l $wrong || break
	done
	ok $? "$who: limits that no cgroup keeps are refused by name"
	says 'started without such a limit in a cgroup' ctl limit l cpu=50 && says 'there is no limits.memroy' ctl limit l memroy=1G &&
		says 'is not KEY=VALUE' ctl limit l memory && says 'is given twice' ctl limit l processes=3 processes=4
	ok $? "$who: and what was not asked for at the start, and what there is not"
	ctl limit l processes=4 limits.memory=400M && ctl inspect l >"$D/out" && grep -q '^changed: limits.processes = 4$' "$D/out" &&
		grep -q '^changed: limits.memory = 400M$' "$D/out"
	ok $? "$who: processes and memory are changed, and inspect shows it"
	! inside l sh -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait' 2>"$D/err" || grep -q -i 'fork' "$D/err"
	ok $? "$who: a fifth process is not made"
	ctl limit l processes=20 && inside l sh -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait; true'
	ok $? "$who: with a higher limit it is"
	ctl limit l memory=30M
	ok $? "$who: memory is lowered again"
	[ "$(inside l sh -c "$use_memory" 2>/dev/null)" != 60000000 ]
	ok $? "$who: 60 MB do not fit any more"
	ctl wait l
	[ $? -gt 128 ]
	ok $? "$who: and end the sandbox, by the limit of memory"
}

gated() {
	gated_sbx || {
		unavailable "the setuid sbx" "$missing"
		return
	}
	who=user D=$T/user
	# shellcheck disable=SC2086 # a list of words
	in_folders "$SBX_GATED" $EXTRA --detach --name=gated sleep 600 >/dev/null
	says 'it was made by the setuid sbx' ctl grant gated "$D/data"
	ok $? "gate: nothing is granted to a sandbox of the setuid sbx"
	ctl kill gated
	# shellcheck disable=SC2086 # a list of words
	in_folders "$SBX_GATED" $EXTRA --set=filesystem.grants=yes true 2>"$D/err"
	[ $? = 125 ] && grep -q 'nothing can be mounted in a sandbox of the setuid sbx' "$D/err"
	ok $? "gate: and none is prepared for it"
}

for who in $CALLERS; do
	begin
	shows
	kinds
	policy
	refusals
	hostile
	sources
	submount
	limits
done
case " $CALLERS " in *" user "*) gated ;; esac
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
