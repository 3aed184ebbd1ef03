#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images as one file, as root and as an ordinary user: made, the same bytes each time; run, by the kernel what only root can
# have written, else by a program for FUSE; taken back into the store; and files that lie.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
need python3 busybox mkfs.erofs fsck.erofs mksquashfs unsquashfs squashfuse_ll || skip_all "$missing is not installed"
test_folder
BUSYBOX=$(command -v busybox)
layout() { python3 "$SRCDIR/tests/image/layout.py" "$@"; }

{
	echo "d bin 0755"
	echo "b bin/busybox 0755 $BUSYBOX"
	for name in sh ls cat id rm mkdir touch pwd env stat sleep; do echo "l bin/$name busybox"; done
	echo "d etc 0755"
	echo "f etc/passwd 0644 root:x:0:0::/root:/bin/sh"
	echo "f etc/gone 0644 below"
	echo "f etc/replaced 0644 below"
	echo "d srv 0755"
	echo "d srv/old 0755"
	echo "f srv/old/below 0644 x"
	echo "d tmp 01777"
} >"$T/layer-1"
{
	echo "f etc/.wh.gone 0644"
	echo "f etc/replaced 0644 above"
	echo "f srv/old/.wh..wh..opq 0644"
	echo "f srv/old/above 0644 y"
	echo "f etc/passwd 0644 app:x:1234:567:The app:/srv:/bin/sh"
} >"$T/layer-2"
# shellcheck disable=SC2016 # for the shell inside
echo '{"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["id -u; pwd; echo $PORT"], "User": "app", "WorkingDir": "/srv/old",
"Env": ["PORT=80", "PATH=/bin"]}' >"$T/full"
layout oci "$T/layout" tag "$T/full" "$T/layer-1" "$T/layer-2"

# Where only root can have written; /run is a tmpfs, where a file is no erofs without a loop device.
safe=
if [ "$(id -u)" = 0 ]; then
	safe=$(mktemp -d /root/sbx-sealed.XXXXXX) && memory=$(mktemp -d /run/sbx-sealed.XXXXXX) || exit 99
	trap 'rm -rf "$safe" "$memory" "$T" ${tap_home:+"$tap_home"}' EXIT
fi
# A /dev/fuse that all may open, in a mount namespace of its own; an ordinary caller needs one that is so.
FUSE=
if [ "$(id -u)" = 0 ]; then
	FUSE=$T/with-fuse
	cat >"$FUSE" <<'END'
#!/bin/sh
# shellcheck disable=SC2016 # the inner shell expands it
exec unshare -m sh -c 'mount -t tmpfs fuse /mnt && mknod -m 666 /mnt/fuse c 10 229 && mount --bind /mnt/fuse /dev/fuse &&
	umount -l /mnt && exec "$@"' sh "$@"
END
	chmod 755 "$FUSE"
fi

begin() {
	D=$T/$who
	mkdir "$D"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D"
}
ctl() { as env XDG_DATA_HOME="$D/data" "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # lists of words
sbx() { $with as env XDG_DATA_HOME="$D/data" "$SBX" $EXTRA "$@"; }
# `as` is a function, which the script with the /dev/fuse can't call.
# shellcheck disable=SC2086,SC2317 # lists of words; it is called by name
fused() {
	if [ "$who" = root ] || [ -z "$FUSE" ]; then
		as env XDG_DATA_HOME="$D/data" "$SBX" $EXTRA "$@"
	else
		"$FUSE" setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups env -u XDG_RUNTIME_DIR HOME="$TEST_HOME" \
			XDG_DATA_HOME="$D/data" "$SBX" $EXTRA "$@"
	fi
}
said() { [ "$(cat "$D/out")" = "$1" ] || { note "said: $(cat "$D/out" "$D/err")" && false; }; }
# refused STATUS TEXT
refused() {
	if [ "$1" = 125 ] && [ ! -s "$D/out" ] && grep -q "$2" "$D/err"; then return 0; fi
	note "status $1: $(cat "$D/out" "$D/err")"
	return 1
}

make() {
	ctl image import "oci:$T/layout:tag" app >/dev/null 2>"$D/err"
	ok $? "$who: an image is in the store"
	for form in erofs squashfs; do
		ctl image export app "$form:$D/app.$form" 2>"$D/err" && ctl image export app "$form:$D/again" 2>>"$D/err" &&
			cmp "$D/app.$form" "$D/again"
		ok $? "$who: an $form, twice the same bytes"
		[ ! -s "$D/err" ] || note_file "$D/err"
		ctl image export app "$form:$D/again" 2>"$D/err"
		[ $? = 1 ] && grep -q 'File exists' "$D/err" && cmp "$D/app.$form" "$D/again"
		ok $? "$who: what is there is not written over by an $form"
		rm -f "$D/again"
	done
	[ -z "$(find "$D/data" "$D" -path '*/images/tmp/*' 2>/dev/null)" ]
	ok $? "$who: nothing is left in the store"
	chmod 644 "$D"/app.*
}

missing_tools() {
	[ "$who" = root ] || return 0
	for tool in mkfs.erofs:erofs:erofs-utils mksquashfs:squashfs:squashfs-tools; do
		name=${tool%%:*} package=${tool##*:} form=${tool#*:}
		form=${form%:*}
		unshare -m sh -c "mount --bind /dev/null '$(command -v "$name")' && exec \"\$@\"" sh env XDG_DATA_HOME="$D/data" "$SBXCTL" \
			image export app "$form:$D/none" 2>"$D/err"
		[ $? = 1 ] && grep -q "$name is missing" "$D/err" && grep -q "hint: apt-get install $package" "$D/err" && [ ! -e "$D/none" ]
		ok $? "$who: without $name its package is named, and no file is left"
	done
}

# works HOW FILE: by kernel or fuse, as sbx or fused says
works() {
	how=$1 file=$2 run=$3 form=$4
	$run --image="$file" >"$D/out" 2>"$D/err" && said "1234
/srv/old
80"
	ok $? "$who: $form by $how: the image's command, user, folder and environment"
	$run --image="$file" --explain >"$D/out" 2>"$D/err"
	case $how in kernel) by=kernel ;; *) by=/usr/bin/squashfuse_ll ;; esac
	grep -q " sealed-image .*file=.*/app.*\.$form by=$by state=$form " "$D/out"
	ok $? "$who: $form by $how: --explain says so"
	$run --image="$file" --report="$D/report" sh -c 'cat /etc/replaced; ls /etc/gone; ls /srv/old' >"$D/out" 2>"$D/err"
	said "above
above"
	ok $? "$who: $form by $how: what upper layers replace and hide"
	python3 - "$D/report" "$form" "$how" <<-'PYTHON'
		import json, sys
		image = json.load(open(sys.argv[1]))["image"]
		assert image["form"] == sys.argv[2] and image["mount"] == sys.argv[3] and image["digest"].startswith("sha256:"), image
	PYTHON
	ok $? "$who: $form by $how: the report says so"
	$run --image="$file" --set=filesystem.tmpfs-size=8M sh -c 'mkdir /tmp/a && touch /tmp/a/b && ls /tmp/a' >"$D/out" 2>"$D/err" && said b
	ok $? "$who: $form by $how: folders of the sandbox's own are there"
	$run --image="$file" --set=filesystem.image-writes=no sh -c 'touch /etc/x /srv/x; ls /etc' >"$D/out" 2>"$D/err"
	grep -q 'Read-only' "$D/err" && grep -qx replaced "$D/out"
	ok $? "$who: $form by $how: image-writes = no"
	if [ "$who" != root ]; then
		$run --image="$file" sh -c 'rm /etc/replaced && touch /etc/new && ls /etc' >"$D/out" 2>"$D/err" && said "new
passwd" && $run --image="$file" ls /etc >"$D/out" && grep -qx replaced "$D/out"
		ok $? "$who: $form by $how: what is written is gone at the end"
	fi
}

by_kernel() {
	[ "$who" = root ] || return 0
	for form in erofs squashfs; do
		cp "$D/app.$form" "$safe/" && cp "$D/app.$form" "$memory/"
		[ -e /dev/loop-control ] || { [ $form = erofs ] || { unavailable "$form by the kernel" "no loop devices"; continue; }; }
		works kernel "$safe/app.$form" sbx "$form"
		[ ! -e /dev/loop-control ] || works kernel "$memory/app.$form" sbx "$form"
	done
	loops=$(losetup -a | grep sbx-sealed)
	[ -z "$loops" ]
	ok $? "$who: no loop device is left"
	[ -z "$loops" ] || note "$loops"
}

# What others may have written is never read by the kernel. The control is above: the same file where only root writes.
not_by_kernel() {
	[ "$who" = root ] || return 0
	for case in user:group:0:0644:0755 file:0:0:0666:0755 folder:0:0:0644:0777 sticky:0:0:0644:1777; do
		mkdir "$safe/x" && cp "$D/app.erofs" "$D/app.squashfs" "$safe/x/"
		[ "${case%%:*}" != user ] || chown "$TEST_UID" "$safe/x"/app.*
		[ "${case%%:*}" != file ] || chmod 666 "$safe/x"/app.*
		[ "${case%%:*}" != folder ] || chmod 777 "$safe/x"
		[ "${case%%:*}" != sticky ] || chmod 1777 "$safe/x"
		sbx --image="$safe/x/app.erofs" id >"$D/out" 2>"$D/err"
		refused $? 'others than root could have written it'
		ok $? "$who: an erofs is not read by the kernel: ${case%%:*}"
		sbx --image="$safe/x/app.squashfs" --explain id >"$D/out" 2>"$D/err"
		grep -q ' by=/usr/bin/squashfuse_ll ' "$D/out"
		ok $? "$who: a squashfs is shown by FUSE: ${case%%:*}"
		rm -rf "$safe/x"
	done
	ln -s "$safe/app.erofs" "$D/link.erofs" && sbx --image="$D/link.erofs" --explain id 2>&1 | grep -q "file=$safe/app.erofs by=kernel"
	ok $? "$who: a link is followed once: what it leads to counts"
	exec 9>>"$safe/app.erofs"
	sbx --image="$safe/app.erofs" id >"$D/out" 2>"$D/err"
	refused $? 'it is open for writing'
	ok $? "$who: what somebody can still write to is not read by the kernel"
	exec 9>&-
	sbx --image="$safe/app.erofs" sh -c 'echo yes' >"$D/out" 2>"$D/err" && said yes
	ok $? "$who: control: when that has ended it is"
}

by_fuse() {
	if [ "$who" != root ] && [ -z "$FUSE" ] && ! { [ -r /dev/fuse ] && [ -w /dev/fuse ]; }; then
		unavailable "$who: by FUSE" "the caller can't open /dev/fuse"
		return
	fi
	works fuse "$D/app.squashfs" fused squashfs
	cp "$D/app.squashfs" "$D/!odd :,-x'\"\\ .squashfs" && fused --image="$D/!odd :,-x'\"\\ .squashfs" sh -c 'echo yes' >"$D/out" 2>"$D/err" && said yes
	ok $? "$who: whatever bytes the path has"
	(cd "$D" && fused --image=./app.squashfs sh -c 'echo yes' >out 2>err) && said yes
	ok $? "$who: a path may begin with a dot"
	# the program stands still: whoever waits for the image ends all the same
	fused --wall-time=2s --image="$D/app.squashfs" sh -c 'sleep 1; exec cat /bin/busybox' >/dev/null 2>"$D/err" &
	runs=$!
	wait_for 5 stop_fuse
	in_time=12 && wait_for $in_time ended $runs
	ok $? "$who: a program that does not answer keeps no sandbox alive"
	wait $runs
	[ $? = 124 ]
	ok $? "$who: its time was over"
	fused --image="$D/app.squashfs" sh -c 'echo up; sleep 60' >"$D/out" 2>"$D/err" &
	wait_for 5 test -s "$D/out"
	kill -9 "$(marked sbx | sort -n | head -n 1)" # that of the program was made by it
	wait_for 5 none_marked
	ok $? "$who: when sbx is killed, so is the program"
	wait
	fused --name=sealed-$$ --image="$D/app.squashfs" sh -c 'echo up; sleep 60' >"$D/out" 2>"$D/err" &
	wait_for 5 test -s "$D/out"
	wait_for 5 listed && ctl exec sealed-$$ cat /etc/replaced >"$D/out" 2>"$D/err" && said above
	ok $? "$who: another command in it"
	ctl stop sealed-$$ >/dev/null
	wait
	none_marked
	ok $? "$who: and all ends with it"
}
# marked NAME: processes of that name which this test has started
marked() {
	for folder in /proc/[0-9]*; do
		{ read -r name <"$folder/comm"; } 2>/dev/null || continue
		[ "$name" = "$1" ] && grep -qz "^SBX_TEST_MARK=$SBX_TEST_MARK\$" "$folder/environ" 2>/dev/null && echo "${folder#/proc/}"
	done
}
fuse_programs() {
	for folder in /proc/[0-9]*; do
		{ read -r name <"$folder/comm"; } 2>/dev/null || continue
		[ "$name" = squashfuse_ll ] && grep -q '/dev/fd/' "$folder/cmdline" 2>/dev/null && echo "${folder#/proc/}"
	done
}
# Its record comes a moment after its first words.
# shellcheck disable=SC2317 # called by name
listed() { ctl list 2>/dev/null | grep -q "sealed-$$"; }
none_marked() { [ -z "$(marked sbx)$(fuse_programs)" ]; }
# shellcheck disable=SC2046,SC2317 # numbers; called by name
stop_fuse() { [ -n "$(fuse_programs)" ] && sleep 0.5 && kill -STOP $(fuse_programs); }
# shellcheck disable=SC2317 # called by name
ended() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }

# A user without a way to mount it is told one.
no_way() {
	[ "$who" = root ] && return 0
	as env XDG_DATA_HOME="$D/data" "$SBX" --image="$D/app.erofs" id >"$D/out" 2>"$D/err"
	refused $? 'only for root the kernel mounts it; no program for FUSE is known for an erofs' && grep -q 'hint: sbxctl image import' "$D/err"
	ok $? "$who: an erofs is refused, with a remedy"
	if [ -r /dev/fuse ] && [ -w /dev/fuse ] && [ "$(id -u)" != 0 ]; then return 0; fi
	if as test -w /dev/fuse; then return 0; fi
	as env XDG_DATA_HOME="$D/data" "$SBX" --image="$D/app.squashfs" id >"$D/out" 2>"$D/err"
	refused $? '/dev/fuse can.t be opened: Permission denied' && grep -q 'hint: sbxctl image import' "$D/err"
	ok $? "$who: so is a squashfs where there is no FUSE"
}

back() {
	for form in erofs squashfs; do
		ctl image import "$D/app.$form" "back-$form" >"$D/out" 2>"$D/err" &&
			sbx --image="back-$form" >"$D/out" 2>"$D/err" && said "1234
/srv/old
80"
		ok $? "$who: an $form comes back into the store, with its configuration"
		sbx --image="back-$form" sh -c 'cat /etc/replaced; ls /etc/gone; ls /srv/old' >"$D/out" 2>"$D/err"
		said "above
above"
		ok $? "$who: and its files"
	done
	[ "$(ctl image inspect back-erofs --json | grep diff_id)" = "$(ctl image inspect back-squashfs --json | grep diff_id)" ]
	ok $? "$who: both have the same"
	mkdir "$D/plain" && cp "$BUSYBOX" "$D/plain/sh" && mksquashfs "$D/plain" "$D/plain.squashfs" -quiet -no-progress >/dev/null &&
		chmod 644 "$D/plain.squashfs" && ctl image import "$D/plain.squashfs" >"$D/out" 2>"$D/err" && grep -q '^plain:latest ' "$D/out"
	ok $? "$who: so does a squashfs that others have made"
	fused --image="$D/plain.squashfs" sh >"$D/out" 2>"$D/err"
	refused $? 'it is no image' && grep -q 'hint: sbxctl image import' "$D/err"
	ok $? "$who: which is not run as it is"
}

# lie NAME PYTHON: a copy of the squashfs, changed: `b` is its bytes, `j` where the JSON begins
lie() {
	python3 - "$D/app.squashfs" "$D/lie" "$2" <<-'PYTHON'
		import sys, hashlib
		b = bytearray(open(sys.argv[1], "rb").read())
		line = b[-95:]
		j = len(b) - 95 - int(line[12:22])
		def sealed(text): return text + b"sbx-image 1 %010d sha256:%s\n" % (len(text), hashlib.sha256(text).hexdigest().encode())
		exec(sys.argv[3])
		open(sys.argv[2], "wb").write(b)
	PYTHON
	chmod 644 "$D/lie"
	fused --image="$D/lie" sh -c 'echo ran' >"$D/out" 2>"$D/err"
	refused $? "$3"
	ok $? "$who: refused: $1"
}

lies() {
	lie "an empty file" 'b = b""' 'neither an erofs nor a squashfs'
	lie "wrong magic" 'b[0:4] = b"xxxx"' 'neither an erofs nor a squashfs'
	lie "cut at the end" 'b = b[:-1]' 'it is no image'
	lie "cut in the middle" 'b = b[:len(b) // 2]' 'it is no image'
	lie "a configuration of 4 GB" 'b[-95 + 12:-95 + 22] = b"4294967295"' 'which are not there, or too many'
	lie "a configuration that begins before the file" 'b[-95 + 12:-95 + 22] = b"%010d" % (len(b) - 95)' 'which are not there, or too many'
	lie "no configuration" 'b[-95 + 12:-95 + 22] = b"0000000000"' 'which are not there, or too many'
	lie "a changed configuration" 'b[j + 2] ^= 1' 'its configuration was changed'
	lie "a configuration that is no JSON" 'b = b[:j] + sealed(b"x")' 'its configuration'
	lie "a configuration without a word of sbx" 'b = b[:j] + sealed(b"{}")' "its configuration: it has no 'sbx'"
	lie "names that lead out" 'b = b[:j] + sealed(b[j:-95].replace(b"\"bin\"", b"\"../bin\""))' "can't lie in a folder"
	lie "another machine" 'b = b[:j] + sealed(b[j:-95].replace(b"\"architecture\":\"", b"\"architecture\":\"x"))' 'the image is for'
	lie "no file system behind the magic" 'b[4:j] = bytes(j - 4)' 'the program that shows the image ended'
	lie "a file system that is cut" 'b = b[:4096] + b[j:]' 'the program that shows the image ended'
	python3 - "$D/app.squashfs" "$D/lie" <<-'PYTHON'
		import sys
		b = bytearray(open(sys.argv[1], "rb").read())
		b[200000:200100] = bytes(100)
		open(sys.argv[2], "wb").write(b)
	PYTHON
	ctl image import "squashfs:$D/lie" lie >"$D/out" 2>"$D/err"
	[ $? = 1 ] && grep -q 'its file system was changed' "$D/err"
	ok $? "$who: a changed file system does not come into the store"
	as mkfifo "$D/fifo" && timeout 10 "$SBX" --image="$D/fifo" id >"$D/out" 2>"$D/err"
	refused $? 'no regular file'
	ok $? "$who: refused: a fifo"
	for path in "$D" "$D/nothing" /dev/zero; do
		fused --image="$path" id >"$D/out" 2>"$D/err"
		refused $? "regular file\|No such file"
		ok $? "$who: refused: ${path##*/}"
	done
	need strace || {
		skip "$who: a file that is exchanged" "$missing is not installed"
		return
	}
	[ "$who" = root ] || return 0
	if [ "${SANITIZERS-}" = yes ]; then # a sanitizer does not run under strace
		unavailable "$who: a file that is exchanged" "built with sanitizers"
		return
	fi
	cp "$D/app.squashfs" "$D/swap.squashfs"
	(sleep 1 && cp "$D/app.squashfs" "$D/new" && mv "$D/new" "$D/swap.squashfs") &
	strace -o /dev/null -e trace=signalfd4 -e inject=signalfd4:delay_enter=3000000:when=1 "$SBX" --image="$D/swap.squashfs" id >"$D/out" 2>"$D/err"
	refused $? 'was changed, or is another, since the plan was made'
	ok $? "$who: refused: a file that is exchanged between plan and run"
	wait
}

with=
for who in $CALLERS; do
	begin
	make
	missing_tools
	by_kernel
	not_by_kernel
	by_fuse
	no_way
	back
	lies
done
nothing_left
done_testing
