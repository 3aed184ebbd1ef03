#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx --batch: see batch.py, which is its client. Then what is refused, or is less, where sbx is not what it is usually.
# BATCH_PARTS: some of its parts only.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder

# Not below a folder that each sandbox has anew: there the host's things could not be shown by a template.
SHARED=$(mktemp -d /srv/sbx-test.XXXXXX 2>/dev/null) || SHARED=$T
trap 'rm -rf "$T" "$SHARED" ${tap_home:+"$tap_home"}' EXIT

read_results() {
	while read -r line; do
		case $line in
		"ok "*) pass "${line#ok }" ;;
		"not ok "*) fail "${line#not ok }" ;;
		*) note "$line" ;;
		esac
	done <"$1"
}

for who in $CALLERS; do
	mkdir "$SHARED/$who"
	chmod 755 "$SHARED"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$SHARED/$who"
	# shellcheck disable=SC2086 # a list of words
	as env WHO="$who" SHARED="$SHARED/$who" SCHEMAS="${SBX%/bin/sbx}/share/sbx" EXTRA="$EXTRA" \
		timeout --foreground "$(seconds 600)" python3 "$SRCDIR/tests/run/batch.py" ${BATCH_PARTS-} >"$T/results" 2>&1 </dev/null
	ok $? "$who: all was tried"
	read_results "$T/results"
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: no process, group or mount is left${left:+: $left}"
done

job='{"id": 1, "command": ["sh", "-c", "echo $$ of user $(id -u)"]}'
if gated_sbx; then
	# shellcheck disable=SC2086
	echo "$job" | as_user "$SBX_GATED" $EXTRA --batch >"$T/out" 2>"$T/err"
	[ $? = 125 ] && [ ! -s "$T/out" ] && grep -q 'runs no batches' "$T/err"
	ok $? "the setuid sbx runs no batch, and says so"
fi

# Where namespaces may be made, but not entered, there is no template.
setns=308
[ "$(uname -m)" = x86_64 ] || setns=268
printf '%s\n' "$job" "$job" "$job" "$job" >"$T/jobs"
# shellcheck disable=SC2086
as_user "$tap_attack" without-call $setns "$SBX" $EXTRA --batch --slots=1 <"$T/jobs" >"$T/out" 2>"$T/err"
[ $? = 0 ] && [ "$(grep -c '"verdict": *"ok"' "$T/out")" = 4 ]
result=$?
ok $result "where no namespace can be entered, each job is done as a whole"
[ $result = 0 ] || note_file "$T/out"

# Where nobody may make a namespace: Landlock and the filter alone, each job as a whole.
forbidden() {
	"$tap_attack" no-namespaces "$TEST_UID" "$TEST_GID" env -u XDG_RUNTIME_DIR HOME="$TEST_HOME" "$SBX" --batch --slots=1 "$@"
}
if [ "$(id -u)" = 0 ] && as_user unshare -U true 2>/dev/null; then
	forbidden <"$T/jobs" >"$T/out" 2>"$T/err"
	[ $? = 0 ] && [ "$(grep -c '"verdict": *"internal".*namespaces' "$T/out")" = 4 ]
	result=$?
	ok $result "without namespaces each job is answered as an internal error"
	[ $result = 0 ] || note_file "$T/out"
	if [ "$LANDLOCK" -ge 6 ]; then
		forbidden --best-effort=namespaces <"$T/jobs" >"$T/out" 2>"$T/err"
		[ $? = 0 ] && [ "$(grep -c '"verdict": *"ok".*"stdout": *"[0-9]* of user' "$T/out")" = 4 ]
		result=$?
		ok $result "with best-effort they run without them"
		[ $result = 0 ] || note_file "$T/out"
		left=$(leftovers)
		[ -z "$left" ]
		ok $? "and leave nothing${left:+: $left}"
	fi
fi
done_testing
