#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is written to an image, as root and as an ordinary user: in memory, within a bound; in a session, from one run to the
# next, shown, kept apart from other images and from gc, discarded, and made an image of its own, which other tools take.
# shellcheck disable=SC2016 # the shells inside expand it
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
need python3 busybox || skip_all "$missing is not installed"
test_folder
BUSYBOX=$(command -v busybox)

# Two layers: the upper one has removed a file, and a folder that it made anew.
{
	echo "d bin 0755"
	echo "b bin/busybox 0755 $BUSYBOX"
	for name in sh ls cat id rm mkdir mv touch ln mkfifo chmod dd sleep grep; do echo "l bin/$name busybox"; done
	for name in etc srv srv/old srv/sub srv/both dev proc run run/user tmp; do echo "d $name 0755"; done
	for name in etc/change etc/gone srv/old/below srv/sub/x srv/both/lower etc/same; do echo "f $name 0644 $name"; done
} >"$T/layer-1"
{
	echo "f etc/.wh.gone 0644"
	echo "f srv/old/.wh..wh..opq 0644"
	echo "f srv/old/above 0644 y"
	echo "f srv/both/upper 0644 z"
} >"$T/layer-2"
echo '{"Cmd": ["/bin/cat", "/etc/change"], "Env": ["PORT=80"], "WorkingDir": "/srv", "Labels": {"kept": "yes"}}' >"$T/config"
python3 "$SRCDIR/tests/image/layout.py" oci "$T/layout" tag "$T/config" "$T/layer-1" "$T/layer-2"
echo "f etc/other 0644 other" >>"$T/layer-2"
python3 "$SRCDIR/tests/image/layout.py" oci "$T/another" tag "$T/config" "$T/layer-1" "$T/layer-2"

ctl() {
	as env XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" "$SBXCTL" "$@" >"$D/out" 2>"$D/err" </dev/null
	status=$?
	return $status
}
# shellcheck disable=SC2086 # a list of words
sbx() {
	as env XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" "$SBX" $EXTRA --user=keep "$@" >"$D/out" 2>"$D/err" </dev/null
	status=$?
	return $status
}
kept() { sbx --image=app --session=one sh -c "$1"; }
said() { [ "$(cat "$D/out")" = "$1" ]; }
fails() { # fails STATUS TEXT
	[ "$status" = "$1" ] && grep -qF -- "$2" "$D/err"
}
reported() { # reported KEY VALUE, of the report's image
	python3 -c 'import json, sys
image = json.load(open(sys.argv[1]))["image"]
sys.exit(json.dumps(image[sys.argv[2]]) != sys.argv[3])' "$D/report" "$1" "$2"
}

memory() {
	sbx --image=app --report="$D/report" --set=filesystem.tmpfs-size=2M sh -c 'dd if=/dev/zero of=/srv/big bs=1M count=3'
	result "what is written to the image's folders in memory has a bound" fails 1 "No space"
	result "the report says where it goes" reported writes '"memory"'
	result "the report says how much of it" reported writes_limit_bytes 2097152
	sbx --image=app --set=filesystem.tmpfs-size=8M sh -c 'dd if=/dev/zero of=/srv/big bs=1M count=3'
	result "control: with a bound that is higher it can" test "$status" = 0
	sbx --image=app --set=filesystem.tmpfs-inodes=64 sh -c 'i=0; while [ $i -lt 99 ]; do : >/srv/$i ; i=$((i+1)); done'
	result "so has the number of files" fails 1 "No space"
	sbx --image=app --set=limits.disk=1M sh -c 'dd if=/dev/zero of=/srv/big bs=1M count=2'
	result "limits.disk bounds it, too" fails 1 "No space"
	sbx --image=app --report="$D/report" --set=filesystem.image-writes=no touch /srv/new
	result "image-writes = no: none is written" fails 1 "Read-only"
	result "and the report says so" reported writes '"no"'
}

# What one program does to an image; the next one sees it.
sessions() {
	kept 'cd /srv && echo new >/etc/new && echo changed >/etc/change && rm -r sub && rm -r old && mkdir old && echo o >old/o &&
		mv both/lower both/moved && chmod 600 /etc/same && ln -s /etc/new link && rm both/upper'
	result "a program changes all that it wants" test "$status" = 0
	kept 'cat /etc/new /etc/change; ls /srv /srv/old /srv/both /etc/gone'
	printf 'new\nchanged\n/srv:\nboth\nlink\nold\n\n/srv/both:\nmoved\n\n/srv/old:\no\n' >"$D/wanted"
	result "the next run goes on from there" cmp -s "$D/wanted" "$D/out"
	result "and what the image has removed stays so" grep -q "/etc/gone: No such" "$D/err"
	sbx --image=app --report="$D/report" --session=one true
	result "the report says that a session keeps it" reported writes '"session"'
	result "and that memory does not bound it" reported writes_limit_bytes null
	sbx --image=app cat /etc/change
	result "without the session the image is as it was" said "etc/change"
	ctl image verify
	result "and the store" test "$status" = 0
	# shellcheck disable=SC2086 # a list of words
	as env XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" "$SBX" $EXTRA --user=keep --image=app --session=one \
		sh -c 'echo >/srv/runs; cat' <"$D/pipe" >/dev/null 2>&1 &
	runs=$!
	exec 9>"$D/pipe"
	wait_for 10 test -e "$D/state/sbx/sessions/one/image/upper/srv/runs"
	kept true
	result "a session is for one run at a time" fails 125 "is in use"
	exec 9>&-
	wait "$runs"
	kept 'rm /srv/runs'
}

shown() {
	ctl session diff one
	cat >"$D/wanted" <<-'END'
		changed  file   0644            8 /etc/change
		added    file   0644            4 /etc/new
		mode     file   0600            9 /etc/same
		added    file   0644           15 /srv/both/moved
		removed  file      -            - /srv/both/lower
		removed  file      -            - /srv/both/upper
		added    link      -            - /srv/link -> /etc/new
		opaque   folder 0755            0 /srv/old
		added    file   0644            2 /srv/old/o
		removed  folder    -            - /srv/sub
	END
	# what sbx has made to mount on depends on the caller's id
	grep -v ' /run/user' "$D/out" | sort >"$D/changes"
	sort "$D/wanted" | cmp -s - "$D/changes"
	result "diff compares it with all layers of the image" test $? = 0
	ctl session diff one --json
	python3 - "$D/out" <<-'END'
		import json, sys
		overlay = json.load(open(sys.argv[1]))["sessions"][0]["overlays"][0]
		assert overlay["folder"] is None and overlay["image"].startswith("sha256:"), overlay
		assert any(c["path"] == "/srv/old" and c["change"] == "opaque" for c in overlay["changes"]), overlay
	END
	result "diff --json says of which image" test $? = 0
	ctl session list
	result "list has it" grep -q "^one  *- .* sha256:[0-9a-f]* *$" "$D/out"
	ctl session list --json
	result "list --json has it" grep -q '"image": "sha256:' "$D/out"
}

apart() {
	sbx --image=other --session=one true
	result "another image is refused" fails 125 "has changes of another image"
	result "with a remedy" fails 125 "or run that image, by --image=sha256:"
	digest=$(sed -n 's/.*--image=\(sha256:[0-9a-f]*\).*/\1/p' "$D/err")
	mkdir -p "$D/folder"
	sbx --image=app --session=mixed --overlay="$D/folder" sh -c "echo i >/etc/i; cat '$D/folder/none'"
	sbx --image=app --session=mixed --overlay="$D/folder" --set=filesystem.image-writes=memory cat /etc/i
	result "image-writes = memory: the session is of the overlay alone" fails 1 "No such file"
	ctl session commit mixed
	result "session commit refuses an image, with a remedy" fails 1 "sbxctl image commit SESSION NAME"
	ctl session discard mixed
	sbx --image=app --set=filesystem.image-writes=session true
	result "image-writes = session needs one" fails 125 "no session is named"
	for writes in memory no; do
		sbx --image=app --session=none --set=filesystem.image-writes=$writes true
		result "a session in which nothing would be is refused: $writes" fails 125 "is not kept (filesystem.image-writes)"
	done
	sbx --session=none true
	result "so is one without an image or an overlay" fails 125 "and no image"
	sbx --image=app --session=one --set=limits.disk=10M true
	result "limits.disk can't be kept with a session" fails 125 "limits.disk"
	ctl session list
	result "none of these has made a session" sh -c '! grep -q none "$1"' sh "$D/out"
}

# gc leaves what a session needs, and only that.
collected() {
	ctl image remove app
	result "remove leaves the image of a session, and says so" grep -q 'removed: 0 blobs, 0 layers.*; 1 images are kept for sessions' "$D/out"
	sbx --image="$digest" --session=one cat /etc/new
	result "which runs by its digest" said new
	ctl session diff one
	result "and is compared with" grep -q 'changed .* /etc/change$' "$D/out"
	ctl image tag "$digest" app
	result "and gets a name again" test "$status" = 0
	ctl image gc
	result "then it is one like others" sh -c '! grep -q sessions "$1"' sh "$D/out"
}

committed() {
	ctl image commit one made:1
	result "image commit makes an image" grep -q '^made:1 sha256:' "$D/out"
	ctl image commit one made:2 && ctl image list && [ "$(grep -c "^made:[12] .*$(sed -n 's/^made:1 *\([^ ]*\).*/\1/p' "$D/out")" "$D/out")" = 2 ]
	result "the same one each time" test $? = 0
	ctl image verify made:1
	result "which verifies" test "$status" = 0
	sbx --image=made:1
	result "its command is the old image's" said changed
	sbx --image=made:1 sh -c 'cat /etc/new; ls /srv /srv/old /srv/both /etc/gone; pwd; echo $PORT'
	printf 'new\n/srv:\nboth\nlink\nold\n\n/srv/both:\nmoved\n\n/srv/old:\no\n/srv\n80\n' >"$D/wanted"
	result "it has what the session has, and its defaults" cmp -s "$D/wanted" "$D/out"
	ctl image inspect made:1 --json
	result "it is one layer more" python3 -c 'import json, sys
sys.exit(len(json.load(open(sys.argv[1]))["images"][0]["layers"]) != 3)' "$D/out"
	kept 'cat /etc/new' && said new
	result "the session goes on" test $? = 0
	kept 'echo >/srv/.wh.both'
	ctl image commit one made:3
	result "a name that means a whiteout is refused" fails 1 "its name says that another is gone"
	kept 'rm /srv/.wh.both; mkfifo /srv/fifo; chmod 4755 /etc/new'
	ctl image commit one made:3
	result "what can't be in a layer is said" grep -q '^refused .*/srv/fifo: fifo$' "$D/out"
	sbx --image=made:3 sh -c 'ls /srv/fifo; [ -u /etc/new ] || echo plain'
	result "and not in it, nor is a set-user-id bit" said plain
	ctl session discard mixed
	ctl image commit mixed made:4
	result "a session that is not there is said so" fails 1 "there is no session"
}

others() {
	need umoci skopeo || {
		skip "$who: other tools" "$missing is not installed"
		return
	}
	mkdir -p "$D/o" && chmod 777 "$D/o"
	ctl image export made:1 "oci:$D/o/out:tag" && as skopeo copy "oci:$D/o/out:tag" "docker-archive:$D/o/docker.tar:a:b" >/dev/null 2>"$D/err" &&
		(cd "$D/o" && as umoci unpack --rootless --image out:tag unpacked) >/dev/null 2>"$D/err"
	result "skopeo and umoci take it" test $? = 0
	root=$D/o/unpacked/rootfs
	[ "$(cat "$root/etc/change" "$root/srv/both/moved")" = "changed
srv/both/lower" ] && [ ! -e "$root/srv/sub" ] && [ ! -e "$root/srv/both/upper" ] && [ "$(ls "$root/srv/old")" = o ]
	result "and make of its whiteouts what overlayfs does" test $? = 0
	result "what it is configured with besides is kept" grep -rqs '"Labels":{"kept":"yes"}' "$D/o/out/blobs"
	if [ "$who" = root ] && need crun; then
		crun_runs
	elif [ "$who" = root ]; then
		skip "$who: crun runs it" "$missing is not installed"
	fi
}
# Without what this machine may not have: a terminal, cgroups of one kind only; the second is not seen where crun runs.
crun_runs() {
	rm -rf "$D/o/bundle"
	(cd "$D/o" && umoci unpack --image out:tag bundle) >/dev/null 2>&1
	python3 - "$D/o/bundle/config.json" <<-'END'
		import json, sys
		config = json.load(open(sys.argv[1]))
		config["process"]["terminal"] = False
		config["linux"].pop("resources", None)
		json.dump(config, open(sys.argv[1], "w"))
	END
	unshare -m sh -c 'umount /sys/fs/cgroup/unified; exec "$@"' sh crun --root "$D/o/crun" --cgroup-manager=disabled run --bundle "$D/o/bundle" "sbx-test-$$" >"$D/out" 2>"$D/err" </dev/null
	status=$?
	result "crun runs it" said changed
}

# What a program can do to its own session, and what the store can.
damage() {
	kept 'mv /run/user /run/was || ln -s /etc /link || mv /tmp /etc/tmp || echo none'
	result "where sbx mounts something in the next run, nothing else can be put" said none
	kept true
	result "so a session always starts" test "$status" = 0
	ctl session discard one
	kept 'ls /srv/old'
	result "a discarded one begins anew" said above
	ctl image remove app other made:1 made:2 made:3
	ctl session discard one
	ctl image gc
	result "without it gc takes all" test -z "$(find "$D/data/sbx/images/layers" -mindepth 1)"
	ctl image import "oci:$T/layout:tag" app
	kept 'echo 1 >/etc/new'
	rm -rf "$D/data/sbx/images"
	ctl image import "oci:$T/another:tag" app
	kept true
	result "an image that is gone is said so" fails 125 "has changes of another image"
	ctl session diff one
	result "also by diff" fails 1 "has changes of an image that can't be read"
	ctl image commit one made:1
	result "and by commit" fails 1 "has changes of an image that can't be read"
	ctl session discard one
	result "discard needs no image" test "$status" = 0
}

# Root's command is nobody, to whom nothing of the image belongs; an isolated one belongs to nobody.
roots() {
	as env XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" "$SBX" --image=app --session=nobody sh -c 'echo >/etc/new' >"$D/out" 2>"$D/err"
	status=$?
	result "in a session of root's, nobody writes no more than without" fails 1 "Permission denied"
	ctl session discard nobody
	own_ids || {
		skip "$who: an isolated user" "$missing"
		return
	}
	"$OWN_IDS" "$T/ids" env XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" "$SBX" --image=app --session=isolated --user=isolated true \
		>"$D/out" 2>"$D/err"
	status=$?
	result "an isolated user has no session" fails 125 "would not be the caller's"
}

for who in $CALLERS; do
	D=$T/$who
	mkdir "$D"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D"
	as mkfifo "$D/pipe"
	ctl image import "oci:$T/layout:tag" app && ctl image import "oci:$T/another:tag" other
	result "images come in" test "$status" = 0
	memory
	sessions
	shown
	apart
	collected
	committed
	others
	[ "$who" != root ] || roots
	damage
done
nothing_left
done_testing
