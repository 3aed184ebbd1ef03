#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx-archive, as root and as an ordinary user: what enemies make is refused with one line, or unpacked harmlessly, and
# nothing outside changes, which a naive extraction of the same archives does change; what is packed is the same to the byte.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
ARCHIVE=${SBX%/bin/sbx}/libexec/sbx/sbx-archive
if [ ! -x "$ARCHIVE" ]; then
	unavailable "sbx-archive" "built without libarchive"
	done_testing
	exit
fi
need python3 gzip bzip2 xz zstd tar sha256sum || skip_all "$missing is not installed"
test_folder
hostile=$SRCDIR/tests/image/hostile.py

# Folders of $who: what an archive is unpacked into, and what must not change.
begin() {
	D=$T/$who
	mkdir "$D" "$D/outside" "$D/archives"
	echo canary >"$D/outside/canary"
	own "$D"
	as python3 "$hostile" make "$D/archives" "$D/outside" >"$D/list"
	outside >"$D/before"
}

own() {
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$1"
}

# All that can be seen of what is outside: an entry, a content, an owner, a mode, a time or one more name.
outside() {
	(cd "$D" && find outside archives list -printf '%p %y %m %U:%G %s %T@ %n %l\n' | sort && cksum outside/*)
}

# unpack ARCHIVE OPTION...: into a new folder $D/work, as $who
unpack() {
	unpacked=$1
	shift
	chmod -R u+rwx "$D/work" 2>/dev/null
	rm -rf "$D/work"
	as mkdir "$D/work"
	# shellcheck disable=SC2086 # a list of words
	(cd "$D/work" && as timeout "$(seconds 60)" $boxed "$ARCHIVE" unpack "$@" <"$unpacked" >"$D/out" 2>"$D/err")
	status=$?
	return $status
}

# For the checks of hostile.py: what the result says.
skipped() { grep -q "\"skipped\":{[^}]*\"$1\":$2[,}]" "$D/out"; }
dropped() { grep -q "\"dropped\":{[^}]*\"$1\":$2[,}]" "$D/out"; }
entries() { grep -q "\"entries\":$1," "$D/out"; }
bytes() { grep -q "\"bytes\":$1," "$D/out"; }
diff_id() { sed 's/.*sha256:\([0-9a-f]*\).*/\1/' "$D/out"; }

# One line of printable bytes, with the text.
is_refused() {
	[ "$status" = 1 ] && [ ! -s "$D/out" ] && [ "$(wc -l <"$D/err")" = 1 ] && grep -q '^sbx-archive: ..*' "$D/err" &&
		grep -qF -- "$1" "$D/err" && ! LC_ALL=C grep -q '[^ -~]' "$D/err"
}

is_unpacked() {
	[ "$status" = 0 ] && [ ! -s "$D/err" ] && [ "$(wc -l <"$D/out")" = 1 ] && (cd "$D/work" && eval "$1")
}

# Nothing in it is a device, is more than its owner's, or belongs to somebody else; nothing outside has changed.
is_harmless() {
	[ -z "$(find "$D/work" \( ! -type f ! -type d ! -type l \) -o -perm /6000 -o ! -uid "$owner" 2>&1)" ] &&
		outside | cmp -s - "$D/before"
}

# hostile PATTERN LEAST: those of the list that have it, and how many there are at least.
hostile() {
	owner=0
	[ "$who" = root ] || owner=$TEST_UID
	grep -e "$1" "$D/list" >"$D/some"
	while IFS='|' read -r name kind options text check; do
		# shellcheck disable=SC2086 # a list of words
		unpack "$D/archives/$name" $options
		case $kind in
		refused*) is_refused "$text" ;;
		unpacked*) is_unpacked "${check:-true}" ;;
		esac && is_harmless
		result=$?
		ok $result "$who: $name is ${kind%+}${boxed:+ in a sandbox}"
		[ $result = 0 ] || note "status $status: $(head -c 600 "$D/out")$(head -c 600 "$D/err") $(ls -lA "$D/work")"
	done <"$D/some"
	[ "$(grep -c . "$D/some")" -ge "$2" ]
	ok $? "$who: all archives were tried${boxed:+ in a sandbox}"
}

# The same ways out, by a program that trusts what it reads: each must lead out, or it would show nothing above.
control() {
	C=$T/naive
	rm -rf "$C"
	mkdir "$C" "$C/archives" "$C/outside"
	python3 "$hostile" make "$C/archives" "$C/outside" >"$C/list"
	grep '+|' "$C/list" | while IFS='|' read -r name _; do
		rm -rf "$C/outside" "$C/work"
		mkdir "$C/outside" "$C/work"
		echo canary >"$C/outside/canary"
		before=$(cd "$C" && find outside -printf '%p %y %s %n\n' && cat outside/* 2>/dev/null)
		(cd "$C/work" && python3 "$hostile" naive "$C/archives/$name") 2>/dev/null
		after=$(cd "$C" && find outside -printf '%p %y %s %n\n' && cat outside/* 2>/dev/null)
		[ "$before" != "$after" ] || echo "$name"
	done >"$C/kept"
	[ "$(grep -c '+|' "$C/list")" -ge 20 ] && [ ! -s "$C/kept" ]
	ok $? "control: a naive extraction lets each way out lead out"
	[ ! -s "$C/kept" ] || note "$(cat "$C/kept")"
}

# A tree with what a tree may have: hard links, odd names, long ones, holes, times, and a copy of a package.
tree() {
	mkdir "$D/tree" "$D/tree/a-b" "$D/tree/a" "$D/tree/a/b" "$D/tree/empty"
	if [ -d /usr/share/perl5 ]; then cp -a /usr/share/perl5 "$D/tree/"; fi
	cp -a "$SRCDIR/tests/image" "$D/tree/image"
	(
		cd "$D/tree" && echo one >a/b/one && ln a/b/one two && ln a/b/one a/three && ln -s ../a/b a/link && ln -s /etc/passwd out &&
			echo x >"$(printf 'nl\n\377')" && long=$(printf '%0100d' 0) && mkdir "$long" && echo y >"$long/$long" &&
			printf abc >hole && truncate -s 1M hole && chmod 700 empty && chmod 1777 a-b && mkfifo fifo &&
			touch -d @1234567890.5 a/b/one && touch -h -d @1 out && echo b >.wh.gone
		: >.wh.gone
		echo early >early && touch -d @-5 early
		truncate -s 3M nothing
	)
	own "$D/tree"
}

pack() { # pack FOLDER FILE OPTION...
	packed=$1 into=$2
	shift 2
	(cd "$packed" && as "$ARCHIVE" pack "$@" >"$into" 2>"$D/err")
}

round_trip() {
	pack "$D/tree" "$D/1.tar" && pack "$D/tree" "$D/2.tar" && [ -s "$D/1.tar" ] && cmp "$D/1.tar" "$D/2.tar"
	ok $? "$who: packed twice, the same bytes"
	unpack "$D/1.tar" && pack "$D/work" "$D/2.tar" && cmp "$D/1.tar" "$D/2.tar"
	ok $? "$who: packed, unpacked and packed, the same bytes"
	rm "$D/tree/fifo"
	diff -r --no-dereference "$D/tree" "$D/work" >"$D/diff" 2>&1 && [ "$(stat -c %i "$D/work/two")" = "$(stat -c %i "$D/work/a/b/one")" ] &&
		[ "$(cd "$D/work" && find . -printf '%p %y %m %l\n' | sort)" = "$(cd "$D/tree" && find . -printf '%p %y %m %l\n' | sort)" ]
	ok $? "$who: what was unpacked is the tree"
	names='import sys, tarfile
tar = tarfile.open(sys.argv[1], errors="surrogateescape")
raw = [m.name.encode("utf-8", "surrogateescape") for m in tar]
bad = [m.name for m in tar if m.uid or m.gid or m.uname or m.gname or int(m.mtime) != m.mtime or m.mtime > float(sys.argv[2])]
sys.exit(raw != sorted(raw) or len(raw) < 20 or bool(bad))'
	python3 -c "$names" "$D/1.tar" inf
	ok $? "$who: Python reads it: sorted, of root, whole seconds"
	pack "$D/tree" "$D/clamped.tar" --clamp-mtime=1000000000 && python3 -c "$names" "$D/clamped.tar" 1000000000
	ok $? "$who: no time is later than asked"
	mkdir "$D/gnu" && tar -C "$D/gnu" -xf "$D/1.tar" 2>/dev/null && diff -r --no-dereference "$D/tree" "$D/gnu" >"$D/diff" 2>&1
	ok $? "$who: GNU tar unpacks the same tree"
	chmod -R u+rwx "$D/gnu"
	rm -rf "$D/gnu"
}

digests() {
	id=$(sha256sum <"$D/1.tar")
	for program in cat gzip zstd xz bzip2; do
		$program <"$D/1.tar" >"$D/squeezed"
		unpack "$D/squeezed" && [ "$(diff_id)" = "${id%% *}" ]
		ok $? "$who: the diff id is the digest of the tar, by $program"
	done
	{ cat "$D/1.tar" && head -c 100000 /dev/zero && echo more; } >"$D/longer"
	id=$(sha256sum <"$D/longer")
	unpack "$D/longer" && [ "$(diff_id)" = "${id%% *}" ]
	ok $? "$who: and of what follows its end"
	{ head -c 50000 "$D/1.tar" | zstd && tail -c +50001 "$D/1.tar" | zstd; } >"$D/squeezed"
	id=$(sha256sum <"$D/1.tar")
	unpack "$D/squeezed" && [ "$(diff_id)" = "${id%% *}" ]
	ok $? "$who: and of two frames of zstd"
	zstd <"$D/1.tar" | head -c 20000 >"$D/squeezed"
	unpack "$D/squeezed"
	is_refused ""
	ok $? "$who: a zstd that is cut off is refused"
	{ zstd <"$D/1.tar" && echo garbage; } >"$D/squeezed"
	unpack "$D/squeezed"
	is_refused ""
	ok $? "$who: and one with garbage behind it"
	zstd <"$D/1.tar" | zstd >"$D/squeezed"
	unpack "$D/squeezed"
	is_refused "more than once"
	ok $? "$who: and one in another"
}

# Formats of GNU tar, holes among them.
formats() {
	for format in "oldgnu" "gnu" "posix --sparse-version=0.0" "posix --sparse-version=0.1" "posix --sparse-version=1.0" ustar; do
		# shellcheck disable=SC2086 # a list of words
		tar -C "$D/tree" --sparse --format=$format -cf "$D/gnu.tar" a a-b empty hole nothing out image 2>/dev/null || tar -C "$D/tree" \
			--format=$format -cf "$D/gnu.tar" a a-b empty hole nothing out image
		unpack "$D/gnu.tar" && cmp -s "$D/tree/hole" "$D/work/hole" && cmp -s "$D/tree/nothing" "$D/work/nothing" && diff -r --no-dereference "$D/tree/a" "$D/work/a" >/dev/null &&
			[ "$(stat -c %Y "$D/work/image")" = "$(stat -c %Y "$D/tree/image")" ] &&
			{ [ "$format" = ustar ] || [ "$(stat -c %b "$D/work/hole")" -lt 100 ]; }
		ok $? "$who: a tar of the format $format"
	done
}

# What overlayfs writes for a name that is gone; devices only root can make.
overlay() {
	mkdir "$D/upper" "$D/upper/opaque"
	own "$D/upper"
	as python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.overlay.opaque", b"y")' "$D/upper/opaque" 2>/dev/null || {
		unavailable "$who: an opaque folder" "no xattrs of users here"
		return
	}
	[ "$who" != root ] || mknod "$D/upper/gone" c 0 0 || return
	[ "$who" != root ] || mknod "$D/upper/null" c 1 3
	pack "$D/upper" "$D/upper.tar"
	expected="opaque/ opaque/.wh..wh..opq "
	[ "$who" != root ] || expected=".wh.gone $expected"
	[ "$(tar -tf "$D/upper.tar" | tr '\n' ' ')" = "$expected" ]
	ok $? "$who: whiteouts of overlayfs"
	unpack "$D/upper.tar" && pack "$D/work" "$D/2.tar" && cmp "$D/upper.tar" "$D/2.tar"
	ok $? "$who: and back"
}

# Another file system in the tree, in a mount namespace of our own; only root can.
mounted() {
	mkdir -p "$D/with/mount"
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'cd "$1" && mount -t tmpfs none mount && echo x >mount/f && "$2" pack >"$3" && "$2" pack --cross >"$4"' sh \
		"$D/with" "$ARCHIVE" "$D/without.tar" "$D/cross.tar" 2>"$D/err" || {
		unavailable "$who: another file system" "nothing can be mounted"
		return
	}
	[ "$(tar -tf "$D/without.tar")" = mount/ ] && [ "$(tar -tf "$D/cross.tar" | tr '\n' ' ')" = "mount/ mount/f " ]
	ok $? "$who: another file system is packed if that is asked for"
}

command_line() {
	for words in "" "list" "unpack --bytes=x" "unpack --depth=99999" "unpack --cross" "pack --bytes=1" "pack x" "pack --clamp-mtime=-1"; do
		# shellcheck disable=SC2086 # a list of words
		(cd "$D/outside" && as "$ARCHIVE" $words </dev/null >"$D/out" 2>"$D/err")
		[ $? = 2 ] && [ ! -s "$D/out" ] && [ -s "$D/err" ]
		ok $? "$who: usage: $words"
	done
	(cd "$D/outside" && as "$ARCHIVE" unpack <"$D/1.tar" >"$D/out" 2>"$D/err")
	status=$?
	is_refused "not empty" && outside | cmp -s - "$D/before"
	ok $? "$who: only into an empty folder"
	(cd "$D/outside" && as "$ARCHIVE" pack >/dev/full 2>"$D/err")
	[ $? = 1 ] && grep -q "No space left" "$D/err"
	ok $? "$who: a full disk is an error"
}

# As sbxctl starts it: nothing of the host can be written but the one folder, there is no network, and no call that most
# programs do without.
in_sandbox() {
	boxed="$SBX $EXTRA --profile=default --user=keep --set=syscalls.base=strict --set=process.writable-code=no --wall-time=60s"
	[ "${SANITIZERS-}" != yes ] || boxed="$boxed --env=ASAN_OPTIONS=detect_leaks=0" # it would trace itself
	boxed="$boxed --rw=$D/work --chdir=$D/work --"
	unpack "$D/1.tar" && pack "$D/work" "$D/2.tar" && cmp "$D/1.tar" "$D/2.tar"
	result=$?
	ok $result "$who: unpacked in a sandbox"
	[ $result = 0 ] || note "status $status: $(head -c 600 "$D/err")"
	# shellcheck disable=SC2086 # a list of words
	(cd "$D/work" && as $boxed "$ARCHIVE" pack >"$D/2.tar") && cmp "$D/1.tar" "$D/2.tar"
	ok $? "$who: packed in a sandbox"
	rm "$D/1.tar" "$D/2.tar" # what is outside is as it was before
	hostile '+|' 20
	boxed=
}

umask 022
boxed=
for who in $CALLERS; do
	begin
	hostile . 150
	tree
	round_trip
	digests
	formats
	overlay
	[ "$who" != root ] || mounted
	command_line
	in_sandbox
done
control
done_testing
