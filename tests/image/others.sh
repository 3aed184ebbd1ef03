#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What sbxctl packs, and what it gives out of what umoci and skopeo have made, runs under podman (with runc) and crun.
#
# Those take root. All is in mount and process namespaces of this script's own, so that no mount or process of podman stays.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
nothing() {
	unavailable "other engines" "$1"
	done_testing
	exit
}
[ -x "${SBX%/bin/sbx}/libexec/sbx/sbx-archive" ] || nothing "built without libarchive"
[ "$(id -u)" = 0 ] || nothing "podman and crun take root"
[ "${SANITIZERS-}" != yes ] || nothing "what is packed with sanitizers is the same"
need python3 busybox umoci skopeo || skip_all "$missing is not installed"
if [ -z "${OTHERS_FOLDER-}" ]; then
	test_folder
	before=" $(find /sys/fs/cgroup -maxdepth 2 -name libpod_parent | tr '\n' ' ')"
	OTHERS_FOLDER=$T OTHERS_GROUP=/sbx-others-$$ unshare --mount --pid --fork --kill-child --mount-proc --propagation private sh "$0"
	status=$?
	find /sys/fs/cgroup -depth -type d -path "*/sbx-others-$$*" -exec rmdir {} + 2>/dev/null
	# podman makes it, and leaves it
	find /sys/fs/cgroup -maxdepth 2 -name libpod_parent | while read -r parent; do
		case $before in *" $parent "*) ;; *) find "$parent" -depth -type d -exec rmdir {} + 2>/dev/null ;; esac
	done
	exit $status
fi
T=$OTHERS_FOLDER group=${OTHERS_GROUP:?}
bundle="python3 $SRCDIR/tests/bench/bundle.py"
flags="--network none --cgroup-parent $group --ulimit nofile=1024:1024 --ulimit nproc=1000:1000"
podman() { command podman --root "$T/podman" --runroot "$T/run" --runtime runc --cgroup-manager cgroupfs "$@"; }

# crun takes a machine with both kinds of control groups for a mistake; in here, the second kind is not seen.
[ ! -e /sys/fs/cgroup/unified ] || umount /sys/fs/cgroup/unified
engines=
mkdir -p "$T/tiny/bin" && cp "$(command -v busybox)" "$T/tiny/bin/busybox" && tar -C "$T/tiny" -cf "$T/tiny.tar" .
# shellcheck disable=SC2086 # a list of words
if ! need podman runc crun; then
	skip "podman and crun" "$missing is not installed"
elif podman import "$T/tiny.tar" tiny >"$T/said" 2>&1 && podman run --rm $flags tiny /bin/busybox true >"$T/said" 2>&1; then
	engines="podman crun"
else
	skip "podman" "it does not run the least of all images here: $(tail -n 1 "$T/said")"
	engines=crun
fi

ctl() { as env XDG_DATA_HOME="$T/$who/data" "$SBXCTL" "$@"; }
# prepare NAME: of the layout $T/NAME/layout, with tag 1
prepare() {
	rm -rf "$T/$1/bundle"
	chmod -R a+rX "$T/$1" && umoci unpack --image "$T/$1/layout:1" "$T/$1/bundle" && cp "$T/$1/bundle/config.json" "$T/$1/" || return 1
	case $engines in
	*podman*) (cd "$T/$1" && podman pull -q oci:layout:1 >"$T/$1/id") ;; # the path becomes a name, which has no capitals
	esac
} >"$T/said" 2>&1
# in_engine ENGINE NAME [ARGUMENT...]: with $T/work as /work, where there are arguments; without: as the image says
in_engine() {
	engine=$1 image=$2
	shift 2
	verb=arguments
	[ $# -gt 0 ] || verb=plain
	# shellcheck disable=SC2086 # lists of words
	case $engine$# in
	podman0) podman run --rm $flags "$(cat "$T/$image/id")" ;;
	podman*) podman run --rm $flags --tmpfs /tmp --workdir /tmp --env HOME=/tmp -v "$T/work:/work" "$(cat "$T/$image/id")" "$@" ;;
	*)
		$bundle $verb "$T/$image/config.json" "$T/work" "$group/crun" "$@" >"$T/$image/bundle/config.json" &&
			crun --root "$T/crun" --cgroup-manager=cgroupfs run --bundle "$T/$image/bundle" "test-$image"
		;;
	esac </dev/null 2>"$T/errors"
}
# works NAME WHAT EXPECTED [ARGUMENT...]: in each engine it says that
works() {
	name=$1 what=$2 expected=$3
	shift 3
	for one in $engines; do
		got=$(in_engine "$one" "$name" "$@")
		[ "$got" = "$expected" ]
		status=$?
		ok $status "$name: $one: $what"
		[ $status = 0 ] || note "$got; $(tail -n 3 "$T/errors")"
	done
}

# --- what an ordinary user has packed, and root has taken in and given out again ---
# packed NAME PROGRAM
packed() {
	mkdir "$T/$1" && chown "$TEST_UID:$TEST_GID" "$T/$1"
	who=user ctl image pack -q --name="$1" "$2" -o "oci:$T/$1/first:1" 2>"$T/said" &&
		who=root ctl image import "oci:$T/$1/first:1" "$1" >/dev/null && who=root ctl image export "$1" "oci:$T/$1/layout:1" &&
		[ "$(skopeo inspect --format '{{.Digest}}' "oci:$T/$1/first:1")" = "$(skopeo inspect --format '{{.Digest}}' "oci:$T/$1/layout:1")" ] &&
		prepare "$1"
	status=$?
	ok $status "$1: packed by a user, taken in and given out by root: the same digest"
	[ $status = 0 ] || note_file "$T/said"
	return $status
}
mkdir -p "$T/work" "$T/user/data" "$T/root/data"
chown -R "$TEST_UID:$TEST_GID" "$T/user"
packed dash sh
# shellcheck disable=SC2016 # the shell inside expands it
works dash "runs" "3 root" -c 'read -r line </etc/passwd; echo $((1 + 2)) ${line%%:*}'
if need python3 && packed python3 python3; then
	works python3 "imports ssl, sqlite3, json" 42 -c 'import ssl, sqlite3, json, zlib
print(sqlite3.connect(":memory:").execute("select 40 + 2").fetchone()[0])'
fi
if need gcc && [ -e /usr/include/stdio.h ]; then
	packed gcc gcc
	printf '#include <stdio.h>\nint main(void) { return puts("compiled") < 0; }\n' >"$T/work/a.c"
	for one in $engines; do
		rm -f "$T/work/a"
		in_engine "$one" gcc -O2 -o /work/a /work/a.c >/dev/null
		[ "$("$T/work/a")" = compiled ]
		ok $? "gcc: $one: compiles"
	done
else
	unavailable gcc "it is not installed"
fi
if need nginx; then
	packed nginx nginx
	echo 'pid /tmp/pid; error_log stderr; events {} http { access_log off; }' >"$T/work/nginx.conf"
	for one in $engines; do
		in_engine "$one" nginx -t -c /work/nginx.conf
		ok $? "nginx: $one: reads its configuration"
	done
else
	unavailable nginx "it is not installed"
fi

# --- what others have made ---
layer_lines() {
	printf '%s\n' "d bin 0755" "b bin/busybox 0755 $(command -v busybox)" "l bin/sh busybox" "l bin/cat busybox" "d etc 0755" \
		"f etc/gone 0644 below" "f etc/replaced 0644 below" "d srv 0755" "d tmp 01777"
}
layer_lines >"$T/layer-1"
printf '%s\n' "f etc/.wh.gone 0644" "f etc/replaced 0644 above" "f etc/passwd 0644 app:x:1234:567:The app:/srv:/bin/sh" \
	"f etc/group 0644 staff:x:777:" >"$T/layer-2"
# shellcheck disable=SC2016 # the shell inside expands it
echo '{"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["/bin/busybox id -u; /bin/busybox id -g; pwd; echo $PORT; cat /etc/replaced /etc/gone 2>/dev/null"],
"User": "app:staff", "WorkingDir": "/srv", "Env": ["PORT=80", "PATH=/bin"]}' >"$T/config"
python3 "$SRCDIR/tests/image/layout.py" oci "$T/made" 1 "$T/config" "$T/layer-1" "$T/layer-2"
# given NAME SOURCE: through the store of each caller
given() {
	for who in root user; do
		mkdir "$T/$1-$who" && { [ $who = root ] || chown "$TEST_UID:$TEST_GID" "$T/$1-$who"; }
		ctl image import "$2" "$1" >"$T/said" 2>&1 && ctl image export "$1" "oci:$T/$1-$who/layout:1" 2>"$T/said" && prepare "$1-$who"
		status=$?
		ok $status "$1: taken in and given out again by $who"
		[ $status = 0 ] || note_file "$T/said"
		[ $status = 0 ] && works "$1-$who" "its command, user, folder, environment and layers are as they were" "1234
777
/srv
80
above"
	done
}
skopeo copy -q "oci:$T/made:1" "docker-archive:$T/skopeo.tar:made:1" >/dev/null && chmod 644 "$T/skopeo.tar"
given skopeo "docker-archive:$T/skopeo.tar"
(
	mkdir "$T/by-umoci" && cd "$T/by-umoci" && skopeo copy -q "oci:$T/made:1" oci:layout:1 &&
		umoci unpack --image layout:1 bundle && echo more >bundle/rootfs/etc/more && umoci repack --image layout:1 bundle && rm -r bundle &&
		chmod -R a+rX .
) >/dev/null 2>&1
given umoci "oci:$T/by-umoci/layout:1"
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
