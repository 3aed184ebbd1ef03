#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whoever changes the store of images is killed at any moment, or finds the disk full: what was reported as done is there,
# what is there is whole, and the next one removes the rest. CRASHES: how many; `make check-image-long` has 200.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
if [ "${SANITIZERS-}" = yes ]; then
	unavailable "images" "sbx-archive with sanitizers would trace itself at its end, which no sandbox lets it do"
	done_testing
	exit
fi
need python3 || skip_all "$missing is not installed"
test_folder
layouts=$SRCDIR/tests/image/enemies.py
CRASHES=${CRASHES:-20}

begin() {
	D=$T/$who
	mkdir "$D" "$D/sources" "$D/data"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	for seed in 1 2 3; do as python3 "$layouts" image "$D/sources/$seed" $seed 3; done
}

no_processes() {
	[ -z "$(tap_processes)" ]
}

killed() {
	seed=${CRASH_SEED:-$(date +%s)}
	as python3 "$SRCDIR/tests/image/crash.py" "${SBXCTL:?}" "$D/data" "$D/sources" "$CRASHES" "$seed" >"$D/out" 2>&1
	last=$(tail -n 1 "$D/out")
	[ "$(grep -c . "$D/out")" = 1 ] && case $last in "rounds $CRASHES, killed "*) ;; *) false ;; esac
	status=$?
	ok $status "$who: killed at any moment, the store is whole"
	[ $status = 0 ] || note_file "$D/out"
	note "seed $seed: $last"
	last=${last#*killed }
	[ "${last%%,*}" -ge $((CRASHES / 4)) ]
	ok $? "$who: enough of them were killed"
	wait_for 10 no_processes
	ok $? "$who: no sandbox is left"
}

# In a mount namespace of its own, on a tmpfs of each size; what it prints is what is wrong.
full() {
	cat >"$D/full" <<'END'
#!/bin/sh
export XDG_DATA_HOME=$1 XDG_CONFIG_HOME=$1/config XDG_STATE_HOME=$1/state # of the one who is root in there
store=$1/sbx/images sbxctl=$2 sources=$3
fulls=0
for size in 200k 1m 3m 5m 6m 7m 9m 11m 13m 16m; do
	mount -t tmpfs -o size=$size,mode=755 none "$1" || exit 99
	"$sbxctl" image import "oci:$sources/1" one >/dev/null 2>"$4"
	first=$?
	"$sbxctl" image import "oci:$sources/2" two >>/dev/null 2>>"$4"
	second=$?
	[ $first$second = 00 ] || grep -q 'No space left on device' "$4" || echo "$size: $first $second: $(cat "$4")"
	[ $first$second = 00 ] || fulls=$((fulls + 1))
	[ -z "$(ls "$store/tmp/")" ] || echo "$size: tmp: $(ls "$store/tmp/")"
	"$sbxctl" image verify >"$4" 2>&1 || echo "$size: verify: $(cat "$4")"
	[ $first != 0 ] || grep -q '^one:latest: good' "$4" || echo "$size: one is lost"
	[ $second != 0 ] || grep -q '^two:latest: good' "$4" || echo "$size: two is lost"
	head -c 100m /dev/zero >"$1/rest" 2>/dev/null
	"$sbxctl" image gc >"$4" 2>&1 || echo "$size: gc: $(cat "$4")"
	[ $first != 0 ] || "$sbxctl" image remove one >"$4" 2>&1 || echo "$size: remove: $(cat "$4")"
	[ $second != 0 ] || "$sbxctl" image remove two >"$4" 2>&1 || echo "$size: remove: $(cat "$4")"
	[ -z "$(ls "$store/layers/" "$store/blobs/sha256/" | grep -v -e : -e '^$')" ] || echo "$size: something is left: $(find "$store")"
	rm "$1/rest"
	umount "$1"
done
echo "full $fulls times"
END
	map=
	[ "$who" = root ] || map=--map-root-user
	# shellcheck disable=SC2086 # none or one
	as unshare $map --mount mount -t tmpfs none "$D/data" 2>/dev/null || {
		skip "$who: a full disk" "no tmpfs in a mount namespace"
		return
	}
	# shellcheck disable=SC2086 # none or one
	as unshare $map --mount sh "$D/full" "$D/data" "$SBXCTL" "$D/sources" "$D/sources/said" >"$D/out" 2>&1
	[ "$(grep -c . "$D/out")" = 1 ] && between 4 "$(sed -n 's/full \(.*\) times/\1/p' "$D/out")" 9
	status=$?
	ok $status "$who: on a full disk, too"
	[ $status = 0 ] || note_file "$D/out"
}

umask 022
for who in $CALLERS; do
	begin
	killed
	full
done
# An sbx that is killed leaves its cgroups; the next one removes those that are older than 10 seconds.
swept() {
	# shellcheck disable=SC2086 # a list of words
	"$SBX" $EXTRA --best-effort=limits --memory=64M true >/dev/null 2>&1
	[ -z "$(leftovers)" ]
}
wait_for 20 swept
ok $? "nothing is left, once others have run"
[ -z "$(leftovers)" ] || note "$(leftovers)"
done_testing
