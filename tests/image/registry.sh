#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl image pull, through skopeo, of Debian's docker-registry, which listens on a port of its own of the loopback: by tag, by
# digest, what is missing or damaged there, with a password; and what has come runs.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
need python3 busybox docker-registry skopeo || skip_all "$missing is not installed"
test_folder
registry=
trap '[ -z "$registry" ] || kill "$registry"; rm -rf "$T" ${tap_home:+"$tap_home"}' EXIT
mkdir "$T/registry"

# start [LINE...]: of its configuration
start() {
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	host=127.0.0.1:$port
	printf '%s\n' "version: 0.1" "log: {level: error, accesslog: {disabled: true}}" \
		"storage: {filesystem: {rootdirectory: $T/registry}}" "http: {addr: '$host'}" "$@" >"$T/registry.yml"
	docker-registry serve "$T/registry.yml" >"$T/registry.log" 2>&1 &
	registry=$!
	wait_for 10 curl -s -o /dev/null "http://$host/v2/"
}
stop() {
	kill "$registry"
	wait "$registry" 2>/dev/null
	registry=
}

# push NAME WORD: an image that says the word
push() {
	printf 'd bin 0755\nb bin/busybox 0755 %s\nl bin/sh busybox\nd etc 0755\n' "$(command -v busybox)" >"$T/layer-1"
	printf 'f etc/word 0644 %s\nf etc/filler 0644 %s\n' "$2" "$(seq -s . 2000)" >"$T/layer-2"
	echo '{"Cmd": ["/bin/busybox", "cat", "/etc/word"]}' >"$T/config"
	rm -rf "$T/layout"
	python3 "$SRCDIR/tests/image/layout.py" oci "$T/layout" tag "$T/config" "$T/layer-1" "$T/layer-2" &&
		skopeo copy -q --dest-tls-verify=false "oci:$T/layout:tag" "docker://$host/$1"
}
digest_of() {
	skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$host/$1"
}

# skopeo looks for passwords in XDG_RUNTIME_DIR, and for other settings in HOME.
ctl() { as env XDG_RUNTIME_DIR="$D/run" HOME="$D" XDG_DATA_HOME="$D/data" "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { as env XDG_DATA_HOME="$D/data" "$SBX" $EXTRA "$@"; }
pull() { ctl image pull "$@" >"$D/out" 2>"$D/err"; }
# Names, digests and files of the store; nothing that is not done.
store_state() { (cd "$D/data/sbx/images" 2>/dev/null && find . -type f ! -name lock | sort); }

comes() { # WHAT NAME DIGEST ARGUMENT...: it comes with that name and digest
	what=$1 name=$2 digest=$3
	shift 3
	pull "$@" && [ "$(cat "$D/out")" = "$name $digest" ]
	status=$?
	ok $status "$who: pulled: $what"
	[ $status = 0 ] || note_file "$D/err"
}
refused() { # WHAT TEXT ARGUMENT...: it says so, and nothing is kept
	what=$1 text=$2
	shift 2
	store_state >"$D/before"
	pull "$@"
	[ $? = 1 ] && [ ! -s "$D/out" ] && grep -q "^sbxctl: pull .*: skopeo ended with status 1: .*$text" "$D/err"
	status=$?
	ok $status "$who: refused, and said why: $what"
	[ $status = 0 ] || note_file "$D/err"
	ctl image list >/dev/null 2>&1
	store_state | cmp -s - "$D/before" && [ -z "$(ls "$D/data/sbx/images/tmp" 2>/dev/null)" ]
	ok $? "$who: and nothing of it is kept: $what"
}

pulls() {
	refused "a registry without TLS, where nobody has allowed that" "HTTP response to HTTPS" "$host/a/b:1"
	grep -q '^sbxctl: hint: .*--insecure' "$D/err"
	ok $? "$who: with a hint"
	comes "by tag" "$host/a/b:1" "$(digest_of a/b:1)" --insecure "docker://$host/a/b:1"
	[ "$(sbx --image="$host/a/b:1")" = first ]
	ok $? "$who: it runs"
	mkdir -p "$D/.config/containers"
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$host" >"$D/.config/containers/registries.conf"
	ctl image remove "$host/a/b:1" >/dev/null
	comes "without --insecure where registries.conf allows it" "$host/a/b:1" "$(digest_of a/b:1)" "$host/a/b:1"
	rm -r "$D/.config"
	digest=$(digest_of a/b:2)
	comes "by digest" "$host/a/b:sha256-$(echo "${digest#sha256:}" | cut -c -12)" "$digest" --insecure "$host/a/b@$digest"
	[ "$(sbx --image="$digest")" = second ]
	ok $? "$who: it is that image"
	comes "with a name of one's own" own:latest "$digest" --insecure "$host/a/b:2" own
	comes "the tag that is not said" "$host/a/b:latest" "$(digest_of a/b:latest)" --insecure "$host/a/b"
	pull --insecure "$host/docker:1" of-docker && [ "$(sbx --image=of-docker)" = first ]
	ok $? "$who: an image of docker's own form"
	ctl image verify >"$D/out" && [ "$(grep -c ': good$' "$D/out")" = 5 ]
	ok $? "$who: all verify"
	refused "a tag that is not there" "manifest unknown" --insecure "$host/a/b:none"
	refused "a digest that is not there" "manifest unknown" --insecure "$host/a/b@sha256:$(printf %064d 7)"
	refused "a name that is not there" "manifest unknown" --insecure "$host/nobody:1"
	pull --insecure "$host/a/b:1" 'Bad Name'
	[ $? = 1 ] && grep -q "is no name of an image" "$D/err"
	ok $? "$who: a name that is none is refused before"
	pull --unsafe "$host/a/b:1"
	[ $? = 2 ]
	ok $? "$who: an option that is none"
}

damaged() {
	mv "$D/data" "$D/data-1"
	refused "a layer with a byte that is another" "[Dd]igest" --insecure "$host/damaged/flipped:1"
	refused "a layer that is cut off" "[Dd]igest" --insecure "$host/damaged/cut:1"
	refused "a layer that is gone" "404" --insecure "$host/damaged/gone:1"
	refused "a manifest with a byte that is another, by its digest" "does not match" --insecure "$host/damaged/manifest@$manifest"
	comes "control: another image of the same registry" "$host/a/b:1" "$(digest_of a/b:1)" --insecure "$host/a/b:1"
}

password() {
	refused "no password" "authentication required" --insecure "$host/a/b:1"
	grep -q '^sbxctl: hint: .*skopeo login' "$D/err"
	ok $? "$who: with a hint"
	printf '{"auths": {"%s": {"auth": "%s"}}}\n' "$host" "$(printf me:secret | base64)" >"$D/auth.json"
	mv "$D/auth.json" "$D/run/containers/auth.json"
	pull --insecure "$host/a/b:2"
	ok $? "$who: with one, as skopeo login keeps it"
	! grep -rq secret "$D/data/sbx/images/refs" "$D/out" "$D/err"
	ok $? "$who: which is not said anywhere"
}

# damage NAME KIND: of the file of its last layer, or of its manifest, in the registry's folder
damage() {
	push "$1" "damaged-$2" || return 1
	file=$(digest_of "$1")
	[ "$2" != manifest ] || manifest=$file
	[ "$2" = manifest ] || file=$(skopeo inspect --tls-verify=false --format '{{index .Layers 1}}' "docker://$host/$1")
	file=$(find "$T/registry" -path "*/blobs/sha256/*/${file#sha256:}/data")
	case $2 in
	cut) truncate -s -100 "$file" ;;
	gone) rm "$file" ;;
	*) python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
	data = bytearray(file.read())
	data[len(data) // 2] ^= 1
	file.seek(0)
	file.write(data)' "$file" ;;
	esac
}

start
status=$?
ok $status "a registry listens"
[ $status = 0 ] || note_file "$T/registry.log"
push a/b:1 first && push a/b:2 second && push a/b:latest third &&
	skopeo copy -q --dest-tls-verify=false --format v2s2 "docker://$host/a/b:1" "docker://$host/docker:1" --src-tls-verify=false &&
	damage damaged/flipped:1 flipped && damage damaged/cut:1 cut && damage damaged/gone:1 gone && damage damaged/manifest:1 manifest
ok $? "images are pushed by skopeo"
for who in $CALLERS; do
	D=$T/$who
	mkdir "$D"
	mkdir "$D/run" "$D/run/containers" && chmod 700 "$D/run"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	pulls
	damaged
done
stop
for who in $CALLERS; do
	D=$T/$who
	refused "a registry that is not there" "connection refused" --insecure "$host/a/b:1"
done
hash=$(python3 -c 'import crypt; print(crypt.crypt("secret", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))' 2>/dev/null)
if [ -n "$hash" ]; then
	echo "me:$hash" >"$T/passwords"
	start "auth: {htpasswd: {realm: test, path: $T/passwords}}"
	for who in $CALLERS; do
		D=$T/$who
		password
	done
	stop
else
	unavailable "a registry with a password" "this python has no bcrypt"
fi
left=$(leftovers; find /tmp -maxdepth 1 -name 'sbx-pull-*' -newer "$T/registry.yml" 2>/dev/null)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
