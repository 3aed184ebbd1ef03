#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images that come in, run and go out again, as root and as an ordinary user: layers with whiteouts, what the configuration
# says, what is written, what is hidden; and what other tools make and take.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
need python3 busybox || skip_all "$missing is not installed"
test_folder
BUSYBOX=$(command -v busybox)
layout() { python3 "$SRCDIR/tests/image/layout.py" "$@"; }

# Two layers and what a container would be started with.
{
	echo "d bin 0755"
	echo "b bin/busybox 0755 $BUSYBOX"
	for name in sh ls cat id rm mkdir mv touch pwd env stat grep; do echo "l bin/$name busybox"; done
	echo "d etc 0755"
	echo "f etc/passwd 0644 root:x:0:0::/root:/bin/sh"
	echo "f etc/gone 0644 below"
	echo "f etc/replaced 0644 below"
	echo "f etc/secret 0644 SECRET"
	echo "d srv 0755"
	echo "d srv/old 0755"
	echo "f srv/old/below 0644 x"
	echo "d tmp 01777"
	echo "l lib /bin"
} >"$T/layer-1"
{
	echo "f etc/.wh.gone 0644"
	echo "f etc/replaced 0644 above"
	echo "f srv/old/.wh..wh..opq 0644"
	echo "f srv/old/above 0644 y"
	echo "f etc/passwd 0644 app:x:1234:567:The app:/srv:/bin/sh"
	echo "f etc/group 0644 staff:x:777:"
	echo "f start 0755 #!/bin/sh"
} >"$T/layer-2"
echo '{}' >"$T/plain"
echo '{"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["id -u; id -g; pwd; env"], "User": "app:staff", "WorkingDir": "/srv/old",
"Env": ["PORT=80", "PATH=/bin"]}' >"$T/full"
layout oci "$T/layout" tag "$T/plain" "$T/layer-1" "$T/layer-2"
layout oci "$T/configured" tag "$T/full" "$T/layer-1" "$T/layer-2"
layout docker "$T/docker.tar" example/app:1 "$T/full" "$T/layer-1" "$T/layer-2"
echo "canary" >"$T/canary"

begin() {
	D=$T/$who
	mkdir "$D"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D"
}
ctl() { as env XDG_DATA_HOME="$D/data" "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { as env XDG_DATA_HOME="$D/data" "$SBX" $EXTRA "$@"; }
# In the image: a script of its shell.
in_image() { sbx --image=two "$@" >"$D/out" 2>"$D/err"; }
said() { [ "$(cat "$D/out")" = "$1" ] || { note "said: $(cat "$D/out" "$D/err")" && false; }; }

import() {
	ctl image import "oci:$T/layout:tag" two >"$D/out" 2>"$D/err" && grep -q '^two:latest sha256:[0-9a-f]*$' "$D/out"
	ok $? "$who: an OCI layout comes in"
	ctl image import "$T/docker.tar" >"$D/out" 2>"$D/err" && grep -q '^example/app:1 sha256:' "$D/out"
	ok $? "$who: a docker-archive comes in, with its name"
	ctl image import "$T/configured" configured >"$D/out" 2>"$D/err"
	ok $? "$who: a folder that is a layout is taken as one"
	ctl image list >"$D/out" && grep -c . "$D/out" | grep -qx 4 && ctl image list --json | python3 -m json.tool >/dev/null
	ok $? "$who: they are listed"
	ctl image verify >"$D/out" 2>"$D/err" && [ "$(grep -c ': good$' "$D/out")" = 3 ]
	ok $? "$who: they verify"
	ctl image inspect configured --json >"$D/out" && python3 - "$D/out" <<-'EOF'
		import json, sys
		image = json.load(open(sys.argv[1]))["images"][0]
		assert image["user"] == "app:staff" and image["working_directory"] == "/srv/old", image
		assert image["entrypoint"] == ["/bin/sh", "-c"] and len(image["layers"]) == 2, image
	EOF
	ok $? "$who: inspect says what is in one"
}

layers() {
	in_image cat /etc/replaced && said above
	ok $? "$who: what an upper layer has replaced is that"
	in_image ls /etc/gone
	[ $? = 1 ]
	ok $? "$who: what an upper layer has removed is gone"
	in_image ls /srv/old && said above
	ok $? "$who: an opaque folder hides what is below"
	in_image ls /lib/busybox && said /lib/busybox
	ok $? "$who: a link of the image is followed in the image"
	in_image ls "$T/canary"
	[ $? = 1 ] && grep -q 'No such file' "$D/err"
	ok $? "$who: nothing of the host is seen"
	in_image --ro="$T/canary:/canary" cat /canary && said canary
	ok $? "$who: control: but what a rule shows"
	# shellcheck disable=SC2016 # for the shell inside
	in_image sh -c 'echo $$' && said 2
	ok $? "$who: it has a /proc of its own"
	in_image ls -d /sys
	[ $? = 1 ]
	ok $? "$who: folders that the image does not have are not there"
}

writes() {
	# shellcheck disable=SC2016 # for the shell inside
	script='rm /etc/replaced && mv /srv/old /srv/new && mkdir /srv/old && touch /bin/x /srv/old/z && ls /srv/old /srv/new; ls /etc/replaced'
	[ "$who" = root ] && program="echo; cat /etc/replaced" || program=$script
	in_image sh -c "$program"
	if [ "$who" = root ]; then
		said "
above"
		ok $? "$who: the payload, who is nobody on the host, reads the layers"
	else
		is="$who: files of the image are changed, removed, renamed"
		grep -qx z "$D/out" && grep -qx above "$D/out" && grep -q 'No such file' "$D/err"
		worked=$?
		if [ $worked = 0 ] || memory_has_attributes; then
			ok $worked "$is"
		else # and nothing else than this is so: mv says it
			unavailable "$is" "a tmpfs of this kernel has no extended attributes"
			grep -q "mv: .*/srv/old.*Input/output error" "$D/err" && in_image sh -c 'rm /etc/replaced && touch /bin/x && ls /bin/x' && said /bin/x
			ok $? "$who: but a folder of the image that has files can't be removed, which is an error"
		fi
		[ -s "$D/err" ] || note "$(cat "$D/out" "$D/err")"
	fi
	in_image sh -c 'cat /etc/replaced; ls /srv/old /bin/x' 2>/dev/null
	grep -qx above "$D/out" && ! grep -q /bin/x "$D/out"
	ok $? "$who: of which nothing stays"
	ctl image verify >"$D/out" 2>&1
	ok $? "$who: the store is as it was"
	in_image --set=filesystem.image-writes=no sh -c 'touch /etc/y; touch /tmp/z && ls /tmp' && said z
	ok $? "$who: image-writes = no: only what is the sandbox's own can be written"
	in_image --set=filesystem.tmpfs-size=1M sh -c 'cat /bin/busybox /bin/busybox >/tmp/big'
	[ $? = 1 ] && grep -q 'No space' "$D/err"
	ok $? "$who: what is written has a bound"
	in_image --hide=/etc/secret --hide=/srv/old --hide=/nowhere sh -c 'cat /etc/secret; ls /srv/old; ls /etc/replaced'
	said /etc/replaced
	ok $? "$who: files and folders of the image can be hidden"
	in_image sh -c 'cat /etc/secret; ls /srv/old' && said "SECRET
above"
	ok $? "$who: control: without that they are seen"
}

configuration() {
	sbx --image=configured >"$D/out" 2>"$D/err"
	[ "$(sed -n 1,3p "$D/out" | tr '\n' ' ')" = "1234 777 /srv/old " ] && grep -qx PORT=80 "$D/out" && grep -qx PATH=/bin "$D/out" &&
		grep -qx HOME=/srv "$D/out" && grep -qx USER=app "$D/out"
	ok $? "$who: without a command the image's own runs, with its user, folder and environment"
	[ -s "$D/out" ] || note "$(cat "$D/err")"
	# shellcheck disable=SC2016 # for the shell inside
	sbx --image=configured --user=root --chdir=/ --env=PORT=81 sh -c 'id -u; pwd; echo $PORT' >"$D/out" 2>"$D/err" && said "0
/
81"
	ok $? "$who: the command line says other"
	in_image
	[ $? = 125 ] && grep -q 'no command was given, and the image names none' "$D/err"
	ok $? "$who: without a command on either side nothing runs"
	digest=$(ctl image inspect configured --json | sed -n 's/.*"digest": *"sha256:\([0-9a-f]*\)".*/\1/p' | head -n 1)
	sbx --image="$(echo "$digest" | cut -c 1-12)" sh -c 'echo yes' >"$D/out" 2>"$D/err" && said yes
	ok $? "$who: an image is known by the first digits of its digest"
	sbx --image=none echo yes >"$D/out" && said yes
	ok $? "$who: --image=none is a view"
}

refusals() {
	sbx --image=missing true 2>"$D/err"
	[ $? = 125 ] && grep -q "there is no image 'missing:latest'" "$D/err" && grep -q 'hint: sbxctl image list' "$D/err"
	ok $? "$who: an image that is not there is said so"
	in_image --set=filesystem.no-exec=/bin sh -c :
	[ $? = 125 ] && grep -q "'/bin' is of the image" "$D/err"
	ok $? "$who: a rule that could not hold is refused"
	for place in proc dev tmp run; do
		sed "/^d $place /d" "$T/layer-1" >"$T/links-$who"
		echo "l $place /srv" >>"$T/links-$who"
		rm -rf "$T/links"
		layout oci "$T/links" tag "$T/plain" "$T/links-$who"
		ctl image import "oci:$T/links" links >/dev/null && sbx --image=links sh -c 'echo ran' >"$D/out" 2>"$D/err"
		[ $? = 125 ] && [ ! -s "$D/out" ] && grep -q "/$place" "$D/err"
		ok $? "$who: an image whose /$place is a link does not start"
	done
	sbx --image=two --best-effort=namespaces --explain cat /etc/replaced >"$D/out" 2>&1 && grep -q ' image ' "$D/out"
	ok $? "$who: --explain shows the layers"
}

# A layer that is in use is not removed, and one that two images have stays.
life() {
	ctl image gc >/dev/null
	ctl image tag two other && ctl image remove two >"$D/out" && grep -q 'removed: 0 blobs, 0 layers' "$D/out"
	ok $? "$who: one name less is one name less"
	ctl image tag other two
	sbx --image=other sh -c 'echo; cat' <"$D/pipe" >"$D/out" 2>"$D/err" &
	runs=$!
	exec 9>"$D/pipe"
	wait_for 10 test -s "$D/out"
	ctl image remove two other configured example/app:1 links >"$D/removed" 2>&1
	grep -q '; 2 layers are in use' "$D/removed"
	ok $? "$who: the layers that run are left"
	[ -s "$D/removed" ] || note "$(cat "$D/removed")"
	echo still >&9
	exec 9>&-
	wait "$runs" && said "
still"
	ok $? "$who: and what runs goes on"
	ctl image gc >"$D/out" && grep -q '2 layers' "$D/out" &&
		[ -z "$(find "$D/data/sbx/images/layers" "$D/data/sbx/images/blobs/sha256" -mindepth 1)" ]
	ok $? "$who: then all is gone"
}

# What other tools make comes in, and what goes out they take.
others() {
	need umoci skopeo crun || {
		skip "$who: other tools" "$missing is not installed"
		return
	}
	mkdir "$D/o" && chmod 777 "$D/o"
	as skopeo copy "oci:$T/layout:tag" "docker-archive:$D/o/skopeo.tar:made:by-skopeo" >/dev/null 2>"$D/err" &&
		ctl image import "$D/o/skopeo.tar" >"$D/out" 2>"$D/err" && sbx --image=made:by-skopeo cat /etc/replaced >"$D/out" && said above
	ok $? "$who: a docker-archive of skopeo comes in and runs"
	(cd "$D/o" && as umoci init --layout umoci && as umoci new --image umoci:one &&
		as umoci unpack --rootless --image umoci:one bundle && as mkdir -p bundle/rootfs/bin &&
		as cp "$BUSYBOX" bundle/rootfs/bin/sh && as umoci repack --image umoci:one bundle && as rm -r bundle) >/dev/null 2>"$D/err" &&
		ctl image import "oci:$D/o/umoci:one" >"$D/out" 2>>"$D/err" && sbx --image=umoci:one sh -c 'echo yes' >"$D/out" 2>>"$D/err" && said yes
	ok $? "$who: a layout of umoci comes in and runs"
	ctl image export made:by-skopeo "oci:$D/o/out:tag" && as skopeo inspect "oci:$D/o/out:tag" >"$D/out" 2>"$D/err" &&
		(cd "$D/o" && as umoci unpack --rootless --image out:tag unpacked) >/dev/null 2>"$D/err" &&
		[ "$(cat "$D/o/unpacked/rootfs/etc/replaced")" = above ] && [ ! -e "$D/o/unpacked/rootfs/etc/gone" ]
	ok $? "$who: skopeo and umoci take what is exported"
	before=$(ctl image inspect umoci:one --json | grep '"digest"' | sort)
	ctl image export umoci:one "oci:$D/o/again:one" && ctl image import "oci:$D/o/again:one" again >/dev/null &&
		[ "$before" = "$(ctl image inspect again --json | grep '"digest"' | sort)" ]
	ok $? "$who: what goes out and comes in again has the same digests"
	ctl image export umoci:one "oci-archive:$D/o/one.tar" && ctl image import "oci-archive:$D/o/one.tar" packed >/dev/null &&
		[ "$before" = "$(ctl image inspect packed --json | grep '"digest"' | sort)" ]
	ok $? "$who: also as one file"
	ctl image pull "oci:$D/o/out:tag" pulled >"$D/out" 2>"$D/err" && sbx --image=pulled cat /etc/replaced >"$D/out" && said above
	ok $? "$who: pull takes what skopeo can"
	ctl image remove made:by-skopeo umoci:one again packed pulled >/dev/null
	ok $? "$who: and all of it goes"
}

for who in $CALLERS; do
	begin
	import
	layers
	writes
	configuration
	refusals
	as mkfifo "$D/pipe"
	life
	others
done
nothing_left
done_testing
