#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl image pack --run: what a command opens on the host comes into the image, and there the command must succeed.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
for data in /usr/share/common-licenses/GPL-2 /usr/share/zoneinfo/UTC /etc/services; do [ ! -f "$data" ] || break; done
if [ ! -f "$data" ] || [ ! -x /usr/bin/cat ]; then skip_all "there is no file that a program could open"; fi
[ -x "${SBX%/bin/*}/libexec/sbx/sbx-archive" ] || skip_all "this sbx was built without images"

ctl() { as env XDG_DATA_HOME="$D/data" "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { as env XDG_DATA_HOME="$D/data" "$SBX" $EXTRA "$@"; }
pack() { ctl image pack "$@" >"$D/out" 2>"$D/err"; }
none_is_left() { ! ctl image list 2>/dev/null | grep -q "$1" && [ -z "$(ls "$D/data/sbx/images/tmp" 2>/dev/null)" ]; }

needed() {
	pack cat --name=plain && ! grep -qF "$data" "$D/out" && sbx --image=plain -- cat "$data" >"$D/out" 2>"$D/err"
	[ $? = 1 ] && grep -q 'No such file' "$D/err"
	ok $? "$who: control: without a test run the image lacks what is opened"
	pack cat --name=run --run="cat $data" && cp "$D/out" "$D/list" && grep -F " $data  # opened by the test run" "$D/out" | grep -q ^file
	ok $? "$who: with one it has it, and the list says why"
	sbx --image=run -- cat "$data" >"$D/got" 2>"$D/err" && cmp -s "$data" "$D/got"
	ok $? "$who: and the program finds it"
	ctl image list >"$D/out" && grep -q '^run:latest' "$D/out" && ! grep -q untested "$D/out"
	ok $? "$who: it has no other name"
	pack cat --name=users --run="cat /etc/passwd" && ! grep -q '/etc/ld.so.cache' "$D/list" &&
		grep -q ' /etc/passwd  # made up' "$D/out"
	ok $? "$who: but not the host's own cache of the loader, nor its users"
	pack cat --name=two --quiet --run="cat '$data' \"/etc/hostname\"" --run='sh -c "head -c 1 /etc/debian_version /etc/os-release"' &&
		sbx --image=two -- sh -c 'head -c 1 /etc/os-release' >"$D/out" 2>"$D/err"
	ok $? "$who: many runs, with quotes, and one by a shell, which comes too"
	pack cat --name=json --json --run="cat $data" && python3 -m json.tool <"$D/out" >/dev/null && grep -q 'opened by the test run' "$D/out"
	ok $? "$who: what a run prints is not among what sbxctl prints"
}

fails() { # WHAT TEXT ARGUMENT...
	what=$1 text=$2
	shift 2
	pack "$@"
	status=$?
	[ $status != 0 ] && grep -qF -- "$text" "$D/err" && none_is_left broken
	ok $? "$who: $what"
	grep -qF -- "$text" "$D/err" || note "status $status: $(head -c 500 "$D/err")"
}

refused() {
	fails "a run that fails on the host" "the test run 'cat /no/such' ended with status 1" cat --name=broken --run='cat /no/such'
	fails "a command that is not there" "the test run 'no-such-command' ended with status 127" cat --name=broken --run=no-such-command
	fails "a run that fails only in the image, since it looks and does not open" \
		"in the image the test run 'test -e $data' ended with status 1" test --name=broken --run="test -e $data"
	blobs=$(find "$D/data/sbx/images/blobs" -type f | wc -l)
	fails "the same again leaves no more" "hint: the image was removed" test --name=broken --run="test -e $data"
	[ "$blobs" = "$(find "$D/data/sbx/images/blobs" -type f | wc -l)" ] && ! ctl image list | grep -q untested
	ok $? "$who: nothing of it stays in the store"
	ctl image verify >/dev/null
	ok $? "$who: the others are whole"
	pack test --name=run --run="test -e $data"
	[ $? = 1 ] && sbx --image=run -- cat "$data" >/dev/null
	ok $? "$who: an image that has the name already stays"
	fails "words for a shell" "'|' in the test run" cat --name=broken --run='cat /etc/hostname | cat'
	# shellcheck disable=SC2016 # nobody expands it
	fails "a variable in quotes" "'\$' in the test run" cat --name=broken --run='cat "$HOME"'
	fails "a quote without an end" "has no end" cat --name=broken --run="cat '/etc"
	fails "an empty run" "a test run is empty" cat --name=broken --run=' '
	[ -z "$(find /tmp -maxdepth 1 -name 'sbx-opened-*' -newer "$T" 2>/dev/null)" ]
	ok $? "$who: no list is left in /tmp"
}

for who in $CALLERS; do
	D=$T/$who
	mkdir "$D"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D"
	needed
	refused
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left behind${left:+: $left}"
done
done_testing
