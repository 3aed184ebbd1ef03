#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The store of images, as root and as an ordinary user: what enemies wrote is refused with a message or taken harmlessly,
# and nothing outside of the store changes or is read; layers are seen as they should be; stores that are links, somebody
# else's, read-only or full; many at once.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
if [ "${SANITIZERS-}" = yes ]; then
	unavailable "images" "sbx-archive with sanitizers would trace itself at its end, which no sandbox lets it do"
	done_testing
	exit
fi
need python3 sha256sum || skip_all "$missing is not installed"
test_folder
layouts=$SRCDIR/tests/image/enemies.py

begin() {
	D=$T/$who
	mkdir "$D" "$D/outside" "$D/sources" "$D/good"
	echo canary >"$D/outside/canary"
	own "$D"
	as python3 "$layouts" make "$D/sources" "$D/outside" >"$D/list"
	for seed in 1 2 3; do as python3 "$layouts" image "$D/good/$seed" $seed 1; done
	H=$D/data S=$D/data/sbx/images
	outside >"$D/before"
}

own() {
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$1"
}

outside() {
	(cd "$D" && find outside sources -printf '%p %y %m %U:%G %s %T@ %n %l\n' | sort && cksum outside/canary outside/layer)
}

# image WORD...: the status is that of sbxctl
image() {
	as env XDG_DATA_HOME="$H" timeout "$(seconds 60)" "${SBXCTL:?}" image "$@" >"$D/out" 2>"$D/err" </dev/null
	status=$?
	return $status
}

run() { # run IMAGE COMMAND...
	ran=$1
	shift
	# shellcheck disable=SC2086 # a list of words
	as env XDG_DATA_HOME="$H" timeout "$(seconds 60)" "$SBX" $EXTRA -q --image="$ran" -- "$@" >"$D/out" 2>"$D/err" </dev/null
	status=$?
	return $status
}

# One error of printable bytes, and maybe a hint, with the text; nothing is left half there.
fails() { # fails STATUS TEXT
	[ "$status" = "$1" ] && [ ! -s "$D/out" ] && [ "$(grep -vc '^sbxctl: hint: ' "$D/err")" = 1 ] && grep -q '^sbxctl: ..*' "$D/err" &&
		grep -qF -- "$2" "$D/err" && ! LC_ALL=C grep -q '[^ -~]' "$D/err" && is_clean
}

names_in() {
	find "$@" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null
}

is_clean() {
	[ -z "$(names_in "$S/tmp/")" ]
}

is_undisturbed() {
	outside | cmp -s - "$D/before" && ! [ -e "$D/escaped" ] && ! [ -e "$D/outside/escaped" ]
}

is_good() {
	image verify && ! grep -qv ': good$' "$D/out" && is_clean
}

# Each of the refused has a store of its own, so that it finds nothing there.
hostile() {
	while IFS='|' read -r name source kind text; do
		[ "$kind" = taken ] || H=$D/each S=$D/each/sbx/images
		case $kind in
		taken) image import "$source" "hostile/$name" && [ ! -s "$D/err" ] && is_clean ;;
		unnamed) image import "$source" || { fails 1 "$text" && [ -z "$(names_in "$S/refs")" ]; } ;;
		*) image import "$source" "hostile/$name" || { fails 1 "$text" && [ -z "$(names_in "$S/refs")" ]; } ;;
		esac && [ "$kind$status" != unnamed0 ] && [ "$kind$status" != refused0 ] && [ "$kind$status" != out0 ]
		result_is=$?
		ok $result_is "$who: $name is $kind"
		[ $result_is = 0 ] || note "status $status: $(head -c 600 "$D/out")$(head -c 600 "$D/err")"
		[ "$kind" = taken ] || rm -rf "$H"
		H=$D/data S=$D/data/sbx/images
	done <"$D/list"
	[ "$(grep -c . "$D/list")" -ge 100 ]
	ok $? "$who: all sources were tried"
	result "nothing outside has changed" is_undisturbed
	image import "docker-archive:$D/sources/docker-good.tar"
	result "an archive says its name" grep -q '^hostile/good:1 ' "$D/out"
	result "all that was taken is good" is_good
	[ "$(grep -c '|taken|' "$D/list")" = "$(($(image list && grep -c . <"$D/out") - 2))" ] # a title, and hostile/good
	ok $? "$who: and nothing else was"
}

# The same ways out, by who trusts links: each leads to what is outside, with the right digest.
control() {
	grep '|out|' "$D/list" >"$D/some"
	while IFS='|' read -r name source _; do
		find "${source#oci:}/" -type l -exec cat '{}/../layer' '{}' + 2>/dev/null | cmp -s - "$D/outside/layer" ||
			[ -n "$(find -L "${source#oci:}/" -newer "$D/outside/canary" -samefile "$D/outside/index.json" 2>/dev/null)" ] ||
			[ -n "$(find -L "${source#oci:}/" -name '[0-9a-f]*' -size +4 -exec cmp -s '{}' "$D/outside/layer" \; -print)" ] ||
			echo "$name"
	done <"$D/some" >"$D/kept"
	[ "$(grep -c . "$D/some")" -ge 5 ] && [ ! -s "$D/kept" ]
	ok $? "$who: control: who follows links is led out$(tr '\n' ' ' <"$D/kept")"
}

names() {
	image import "oci:$D/good/1" good
	long=$(printf '%0193d' 0)
	for name in "" : a: ../a a/.. /a a// a%b 'a b' "sha256:abcdef0" "${long}0" "$(printf 'a\033[1m')"; do
		image import "oci:$D/good/1" "$name"
		result "no import as '$(printf %.20s "$name" | tr -c ' -~' '?')'" fails 1 "is no name of an image"
		image tag good "$name"
		result "nor a tag" fails 1 "is no name of an image"
		image remove "$name"
		result "nor a removal" fails 1 "is no name of an image"
	done
	image tag good "$long" && is_good && image remove "$long" && image verify "$long:latest"
	result "the longest name comes and goes" fails 1 "there is no image"
	image tag none other
	result "only what is there gets a name" fails 1 "there is no image 'none:latest'"
	image remove none
	result "and is removed" fails 1 "there is no image 'none:latest'"
	: >"$S/refs/odd name" && own "$S/refs"
	image gc
	result "a name that is none: nothing is removed" fails 1 "'odd name' is no name"
	rm "$S/refs/odd name"
	mkdir "$S/layers/odd" && : >"$S/layers/file" && ln -s "$D/outside" "$S/layers/link" && ln -s "$D/outside" "$S/blobs/sha256/link" &&
		ln -s "$D/outside" "$S/tmp/link" && mkdir -p "$S/tmp/left/tree/deep" && own "$S"
	image gc && is_clean && ! names_in "$S/layers" "$S/blobs/sha256" | grep -q '^[fol]' && is_undisturbed
	result "what is no layer and no blob is removed, and no link followed" is_good
}

damage() {
	layer=$(sha256sum <"$D/outside/layer") # good/1 has it, too
	layer=$S/layers/${layer%% *}
	info=$(cat "$layer/info")
	for bad in "" "{}" null '[1]' '{"diff_id":7}'; do
		printf %s "$bad" >"$layer/info"
		image verify
		result "a layer with the info '$bad' is seen" grep -q "layer sha256:${layer##*/}: " "$D/err"
		image import "oci:$D/good/1" good && [ "$(cat "$layer/info")" = "$info" ]
		result "and made again" is_good
	done
	rm -r "$layer" && : >"$layer"
	image import "oci:$D/good/1" good
	result "also where it is a file" is_good
	blob=$S/blobs/sha256/$(names_in "$D/good/1/blobs/sha256" | head -n 1)
	: >"$blob"
	image import "oci:$D/good/1" good
	result "and a blob that is cut off" is_good
}

# What sbx shows of layers.
merged() {
	if [ ! -x /bin/busybox ]; then
		unavailable "$who: what is seen of layers" "no busybox"
		return
	fi
	mkdir "$D/run"
	own "$D/run"
	as python3 "$layouts" run "$D/run" >"$D/list"
	while IFS='|' read -r name text; do
		image import "oci:$D/run/$name" "run/$name"
		# shellcheck disable=SC2016 # the inner shell expands it
		run "run/$name" /bin/sh -c 'cd / && for f in d/* e/* etc/passwd low new x; do [ -e $f ] && printf "%s " $f; done; exit 0'
		case $text in
		*' '"'"*) grep -qF "$text" "$D/err" && [ "$status" = 125 ] ;;
		*) [ "$(cat "$D/out")" = "$text " ] ;;
		esac
		result_is=$?
		ok $result_is "$who: seen of $name: $text"
		[ $result_is = 0 ] || note "status $status: $(head -c 600 "$D/out")$(head -c 600 "$D/err")"
	done <"$D/list"
}

# Paths that mean something to sbx, to overlayfs, or to JSON.
paths() {
	# shellcheck disable=SC2016 # that it does not expand is the test
	for name in 'a b' 'a:b' 'a,b' '${HOME}' '%s' 'a\b' "a'\"b" -a '[a]*' "$(printf 'nl\n\t\033x')" "$(printf '\303\251')"; do
		mkdir -p "$D/odd/$name" && cp -r "$D/good/1" "$D/odd/$name/src" && own "$D/odd"
		H=$D/odd/$name S=$D/odd/$name/sbx/images
		cd "$D/odd" || exit 99
		image import "$D/odd/$name/src" good && image import "dir:$name/src" folder && image export good "oci-archive:$H/tar" && is_good
		result "a store in '$(printf %s "$name" | tr -c ' -~' '?')'" [ $? = 0 ]
		[ ! -x /bin/busybox ] || { image import "oci:$D/run/plain" run && run run /bin/sh -c 'echo seen' && [ "$(cat "$D/out")" = seen ]; }
		result "and a run of what is in it" [ $? = 0 ]
		rm -rf "$H"
	done
	cd /
	H=$D/data S=$D/data/sbx/images
}

# Folders of the store that lead out, or belong to somebody else.
stores() {
	H=$D/other S=$D/other/sbx/images
	for name in tmp refs layers blobs blobs/sha256; do
		rm -rf "$H" && as mkdir -p "$S/blobs" && { [ "$name" != blobs ] || rmdir "$S/blobs"; } && ln -s "$D/outside" "$S/$name"
		for word in "import oci:$D/good/1 x" gc; do
			# shellcheck disable=SC2086 # a list of words
			image $word
			[ "$name" != tmp ] || { rm "$S/tmp" && ln -s /nonexistent "$S/tmp"; } # nothing is in it
			result "'$name' is a link: $word" fails 1 "'$name' in the store of images is no folder"
		done
	done
	rm -rf "$H" && as mkdir -p "$S" && ln -s "$D/outside/canary" "$S/lock"
	image gc
	result "the lock is a link" fails 1 "open 'lock' in the store of images"
	rm -rf "$H" && as mkdir -p "$D/elsewhere" "$H/sbx" && as ln -s "$D/elsewhere" "$S"
	image import "oci:$D/good/1" x
	result "the store is a link" fails 1 "must be a folder and not a link"
	result "nothing outside has changed" is_undisturbed
	rm -rf "$H"
	if [ "$who" = root ]; then
		image import "oci:$D/good/1" x && chown "$TEST_UID" "$S" && image gc
		result "the store is somebody else's" fails 1 "is not the caller's"
		chown 0 "$S" && chown "$TEST_UID" "$S/layers" && image gc
		result "or a folder in it" fails 1 "'layers' in the store of images is not the caller's"
	else
		as mkdir -p "$H" && mkdir -p "$S" && chmod 755 "$H/sbx" && chmod 777 "$S" && image import "oci:$D/good/1" x
		[ "$(id -u)" != 0 ] || result "the store is somebody else's" fails 1 "is not the caller's"
	fi
	rm -rf "$H"
	H=$D/data S=$D/data/sbx/images
}

# In a mount namespace of its own: unshared WORD... in which "$D/small" is a tmpfs of its options, or "$S" is read-only
mounted() {
	mount=$1
	shift
	map=
	[ "$who" = root ] || map=--map-root-user
	# shellcheck disable=SC2086 # none or one
	as unshare $map --mount sh -c "$mount"' && shift && exec "$@"' sh "$@"
}

read_only() {
	image gc
	ro="mount --bind $S $S && mount -o remount,bind,ro $S"
	mounted "$ro" sh true true 2>/dev/null || {
		skip "$who: a read-only store" "no mount namespace"
		return
	}
	words="env XDG_DATA_HOME=$H $SBXCTL image"
	for word in list verify "inspect good"; do
		# shellcheck disable=SC2086 # a list of words
		mounted "$ro" sh $words $word >"$D/out" 2>"$D/err"
		status=$?
		result "a read-only store: $word" grep -q good "$D/out"
	done
	for word in gc "remove good" "tag good x" "import oci:$D/good/1"; do
		# shellcheck disable=SC2086 # a list of words
		mounted "$ro" sh $words $word >"$D/out" 2>"$D/err"
		status=$?
		result "a read-only store: no $word" fails 1 "Read-only file system"
	done
	result "and it is as it was" is_good
}

at_once() {
	H=$D/many S=$D/many/sbx/images
	image import "oci:$D/good/1" kept
	pids=
	for seed in 1 2 3; do
		(for _ in 1 2 3; do
			image_quiet import "oci:$D/good/$seed" "at/$seed" && image_quiet tag "at/$seed" "tag/$seed" && image_quiet inspect "tag/$seed" &&
				image_quiet remove "at/$seed" || exit 1
		done) 2>"$D/err.$seed" >"$D/out.$seed" &
		pids="$pids $!"
	done
	(for _ in 1 2 3 4 5 6 7 8; do { image_quiet gc && image_quiet verify kept && image_quiet list; } || exit 1; done) 2>"$D/err.gc" >"$D/out.gc" &
	pids="$pids $!"
	bad=0
	for pid in $pids; do wait "$pid" || bad=1; done
	[ $bad = 0 ]
	ok $? "$who: imports, tags, removals and collections at once"
	[ $bad = 0 ] || note "$(cat "$D"/err.*)"
	image list
	result "all names are there" [ "$(awk '{ print $1 }' "$D/out" | tr '\n' ' ')" = "NAME kept:latest tag/1:latest tag/2:latest tag/3:latest " ]
	result "and good" is_good
	H=$D/data S=$D/data/sbx/images
}

image_quiet() {
	as env XDG_DATA_HOME="$H" timeout "$(seconds 60)" "$SBXCTL" image "$@" </dev/null
}

shared() {
	H=$D/shared S=$D/shared/sbx/images
	image import "oci:$D/good/1" one && image import "oci:$D/good/2" two && [ "$(names_in "$S/layers" | wc -l)" = 3 ]
	result "two images have a layer in common" [ $? = 0 ]
	image remove one && [ "$(cat "$D/out")" = "removed: 3 blobs, 1 layers, $(cd "$D/good/1/blobs/sha256" && stat -c %s -- * | sort -n |
		awk '{ n += $1 } END { print n - base }' base="$(stat -c %s "$D/outside/layer")") bytes of blobs" ] && is_good
	result "it stays for the other one" [ $? = 0 ]
	image remove two && [ -z "$(names_in "$S/layers" "$S/blobs/sha256")" ]
	result "and goes with it" [ $? = 0 ]
	H=$D/data S=$D/data/sbx/images
}

umask 022
for who in $CALLERS; do
	begin
	hostile
	control
	names
	damage
	merged
	paths
	stores
	read_only
	shared
	at_once
done
done_testing
