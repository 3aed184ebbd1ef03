#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# filesystem.image-ids = many: the ids of an image are there, from the caller's subordinate ones, and a program with the
# capabilities for it goes from one to the other. /etc/subuid is a private one of the test.
# shellcheck disable=SC2016 # the shells inside expand it
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need_images
need python3 busybox || skip_all "$missing is not installed"
test_folder
own_ids || skip_all "$missing"
IDS=$T/ids FIRST=1879113728
BUSYBOX=$(command -v busybox)
{
	for name in bin etc srv srv/folder dev proc run run/user; do echo "d $name 0755"; done
	echo "b bin/busybox 0755 $BUSYBOX"
	for name in sh ls cat id rm mkdir touch chown su stat grep sleep mknod kill readlink true; do echo "l bin/$name busybox"; done
	echo "f etc/same 0644 same"
	echo "f etc/closed 0600 closed"
	echo "d tmp 01777"
} >"$T/layer-1"
# lines in one file: content is the rest of a line
python3 - "$T" <<'EOF2'
import sys
folder = sys.argv[1]
open(folder + "/passwd", "w").write("root:x:0:0::/:/bin/sh\nwww:x:33:33::/srv:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\nfar:x:70000:70000::/:/bin/sh\n")
open(folder + "/group", "w").write("root:x:0:\nwww:x:33:\nmore:x:44:www\nnogroup:x:65534:\n")
EOF2
echo "b etc/passwd 0644 $T/passwd" >>"$T/layer-1"
echo "b etc/group 0644 $T/group" >>"$T/layer-1"
for user in root www nobody far; do
	echo "{\"User\": \"$user\", \"Cmd\": [\"/bin/id\"]}" >"$T/$user.json"
	python3 "$SRCDIR/tests/image/layout.py" oci "$T/layout-$user" tag "$T/$user.json" "$T/layer-1"
done

# as the caller, where the ids are those of $IDS; a program, since script(1) and wait(1p) know no functions
cat >"$T/caller" <<'END'
#!/bin/sh
if [ "$who" = root ]; then exec "$OWN_IDS" "$IDS" "$@"; fi
exec "$OWN_IDS" "$IDS" setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups env HOME="$TEST_HOME" "$@"
END
chmod 755 "$T/caller"
export who IDS OWN_IDS

stores() { "$T/caller" env XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" XDG_RUNTIME_DIR="$D/run" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() {
	stores timeout --foreground -k 2 "$(seconds 60)" "$SBX" $EXTRA --set=filesystem.image-ids=many "$@" >"$D/out" 2>"$D/err" </dev/null
	status=$?
	return $status
}
CAPS="--set=process.capabilities=setuid setgid chown"
said() { [ "$(cat "$D/out")" = "$1" ]; }
fails() { # fails STATUS TEXT
	[ "$status" = "$1" ] && grep -qF -- "$2" "$D/err"
}
refused() { # refused NAME TEXT: the last one has not run
	result "$1 is refused" fails 125 "$2"
}

about_ids() {
	sbx --image=root --report="$D/report" sh -c 'id -u; id -g; cat /proc/self/uid_map'
	result "all ids are mapped" [ "$(tr -s ' \n' ' ' <"$D/out")" = "0 0 0 0 1 1 1 65535 " ]
	result "the report says so" grep -q '"ids": "many"' "$D/report"
	result "and that 0 is the caller" grep -q "\"uid\": $TEST_UID," "$D/report"
	sbx --image=www --report="$D/report" sh -c 'id -u; id -g; id -G; echo $HOME; touch /tmp/x /run/user/33/x && stat -c %u:%g /tmp/x'
	result "the image's user is one of them" said "33
33
33
/srv
33:33"
	result "and on the host a subordinate one" grep -q "\"uid\": $((FIRST + 32))," "$D/report"
	sbx --image=nobody
	result "so is the last one" grep -q '^uid=65534(nobody) gid=65534(nogroup)' "$D/out"
	sbx --image=www --user=root id -u
	result "process.user = root is the caller" said 0
	sbx --image=www --rw="$D/work" sh -c "touch '$D/work/made'"
	result "what it makes on the host belongs to the subordinate one" [ "$(stat -c %u:%g "$D/work/made")" = $((FIRST + 32)):$((FIRST + 32)) ]
	sbx --image=www sh -c 'cat /etc/same; cat /etc/closed; touch /etc/new'
	result "the layers belong to 0, and count as such" [ "$(cat "$D/out")$(grep -c 'Permission denied' "$D/err")" = same2 ]
	sbx --image=root sh -c 'cat /etc/closed; touch /etc/new /etc/same; rm /etc/closed; stat -c %u /etc/new /etc/same'
	result "0 may change them" said "closed
0
0"
}

# What programs like apt, su and servers do.
about_changes() {
	sbx --image=root sh -c 'touch /srv/x; chown 33 /srv/x; su www -c id'
	result "without capabilities nothing is changed" [ "$(grep -c 'Operation not permitted' "$D/err")" = 2 ]
	sbx --image=root sh -c 'grep -c "^Cap.*0000000000000000$" /proc/self/status'
	result "which is the default: there are none" said 5
	sbx --image=root "$CAPS" sh -c 'touch /srv/x; chown 33:44 /srv/x /etc/same; stat -c %u:%g /srv/x /etc/same'
	result "with them owners are changed, of what is new and of the image" said "33:44
33:44"
	sbx --image=root "$CAPS" su www -c 'id; touch /tmp/w; stat -c %u /tmp/w; grep CapEff /proc/self/status; echo x >/etc/same'
	printf 'uid=33(www) gid=33(www) groups=33(www),44(more)\n33\nCapEff:\t0000000000000000\n' >"$D/wanted"
	result "a server becomes its user, who has none of them" cmp -s "$D/wanted" "$D/out"
	result "and can't write what is root's" fails 1 "Permission denied"
	sbx --image=root "$CAPS" sh -c 'grep CapBnd /proc/self/status'
	result "there are those that were asked for, and no others" [ "$(tr -d '\t' <"$D/out")" = "CapBnd:00000000000000c1" ]
	sbx --image=root "$CAPS" sh -c 'touch /srv/x; chown 65536 /srv/x'
	result "no id beyond those is there" fails 1 "Invalid argument"
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --image=root "$CAPS" sh -c 'touch /srv/x; chown 33 /srv/x' >"$D/out" 2>"$D/err"
	status=$?
	result "control: with one id not even 33 is" fails 1 "Invalid argument"
	stores "$SBX" $EXTRA --image=root --report="$D/report" true
	result "and the report says one" grep -q '"ids": "one"' "$D/report"
}

# Capabilities count over what has ids of the sandbox: of the host's files those of the caller, and no others.
about_attacks() {
	ALL="--set=process.capabilities=setuid setgid chown dac_override fowner kill"
	sbx --image=root "$ALL" --ro="$D/closed" sh -c "cat '$D/closed/own'; cat '$D/closed/foreign'"
	result "a file that is closed to the caller stays closed" fails 1 "foreign': Permission denied"
	result "control: dac_override opens the caller's own" said SECRET
	sbx --image=root "$ALL" --rw="$D/closed" sh -c "chown 0 '$D/closed/foreign'"
	result "no file of another becomes one's own" fails 1 "Operation not permitted"
	sbx --image=root "$ALL" sh -c 'echo "0 0 1" >/proc/self/uid_map'
	result "the map stays" [ "$status" != 0 ]
	sbx --image=root "$ALL" sh -c 'kill -9 1; kill -0 1; mknod /srv/null c 1 3; ls /srv'
	result "no device is made" sh -c 'grep -q "mknod: .*not permitted" "$1" && ! grep -q null "$2"' sh "$D/err" "$D/out"
}

about_the_range() {
	sbx --image=far
	refused "an id beyond the range" "user 70000, group 70000 is none of the 65535"
	printf '%s:%d:100\n' "$TEST_NAME" $FIRST >"$T/few"
	IDS=$T/few
	sbx --image=www id -u
	result "a short range has the first ids" said 33
	sbx --image=nobody true
	refused "one beyond a short range" "is none of the 100 subordinate ids"
	result "with a remedy" grep -q "hint: a range of 65536 ids in /etc/subuid" "$D/err"
	: >"$T/none"
	IDS=$T/none
	sbx --image=root true
	refused "a caller without a range" "/etc/subuid has no ids for user '$TEST_NAME'"
	result "with a remedy" grep -q "hint: an administrator adds a line to both /etc/subuid" "$D/err"
	printf '%s:%d:65536\nother:%d:65536\n' "$TEST_NAME" $FIRST $((FIRST + 5)) >"$T/both"
	IDS=$T/both
	sbx --image=root true
	refused "a range that is another's too" "gives ids of"
	printf '%s:0:65536\n' "$TEST_NAME" >"$T/hosts"
	IDS=$T/hosts
	sbx --image=root true
	refused "a range of the host's own ids" "filesystem.image-ids: /etc/subuid has no ids for"
	printf '%s:1:65535\n' "$TEST_NAME" >"$T/hosts"
	sbx --image=root true
	refused "a range with users of the host in it" "is that of a user or group of this system"
	IDS=$T/ids
	"$OWN_IDS" "$T/ids" unshare -m sh -c 'mount --bind /dev/null /usr/bin/newuidmap && exec "$@"' sh setpriv --reuid="$TEST_UID" \
		--regid="$TEST_GID" --clear-groups env HOME="$TEST_HOME" XDG_DATA_HOME="$D/data" \
		"$SBX" --set=filesystem.image-ids=many --image=root true 2>"$D/err"
	status=$?
	refused "without newuidmap it" "hint: apt-get install uidmap"
}

not_many() { ! sbx --image=root true; }

# An isolated id is nobody else's: so it is not in a sandbox with all of them.
about_isolated() {
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --set=filesystem.image-ids=many --image=root --name=ids --rw="$D/work" sh -c "echo >'$D/work/runs'; cat" \
		<"$D/pipe" >/dev/null 2>"$D/err-1" &
	runs=$!
	exec 9>"$D/pipe"
	wait_for 20 test -e "$D/work/runs"
	sbx --image=root id -u
	result "two with many ids live beside each other" said 0
	printf '%s:%d:65535\n' "$TEST_NAME" $FIRST >"$T/all"
	IDS=$T/all
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --user=isolated true 2>"$D/err"
	status=$?
	refused "an isolated one beside them" "are in use by other sandboxes"
	printf '%s:%d:65600\n' "$TEST_NAME" $FIRST >"$T/long"
	IDS=$T/long
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --user=isolated id -u >"$D/out" 2>"$D/err"
	result "with a longer range it has an id behind theirs" [ "$(cat "$D/out")" -ge $((FIRST + 65535)) ]
	IDS=$T/ids
	stores "$SBXCTL" exec ids -- id >"$D/out" 2>"$D/err"
	status=$?
	result "exec has the ids of the first command" said "uid=0(root) gid=0(root)"
	exec 9>&-
	wait "$runs"
	IDS=$T/all
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --user=isolated true 2>"$D/err"
	status=$?
	result "when they have ended an isolated one starts" [ "$status" = 0 ]
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --user=isolated cat <"$D/pipe" >/dev/null 2>"$D/err-1" &
	runs=$!
	exec 9>"$D/pipe"
	wait_for 20 not_many
	refused "many beside an isolated one of their range" "are those of isolated sandboxes"
	exec 9>&-
	wait "$runs"
	IDS=$T/ids
	rm "$D/work/runs"
	# shellcheck disable=SC2086 # a list of words
	stores "$SBX" $EXTRA --set=filesystem.image-ids=many --image=www --name=server sh -c "echo >/tmp/runs; cat" <"$D/pipe" >/dev/null 2>"$D/err-1" &
	runs=$!
	exec 9>"$D/pipe"
	wait_for 20 stores "$SBXCTL" exec server -- cat /tmp/runs >/dev/null 2>&1
	stores "$SBXCTL" exec server -- id >"$D/out" 2>"$D/err"
	status=$?
	result "exec is the image's user, too" said "uid=33(www) gid=33(www)"
	exec 9>&-
	wait "$runs"
}

about_refusals() {
	sbx true
	refused "many ids without an image" "there is no image"
	for user in keep isolated; do
		sbx --image=root --user=$user true
		refused "process.user = $user" "it is not with process.user = $user"
	done
	sbx --image=root --session=one true
	refused "a session" "would not all be the caller's"
	sbx --image=www --home=private true
	refused "a private home of another id" "user 33 of the image is not the caller"
	sbx --image=www --persist="$D/kept" true
	refused "a persistent folder of another id" "user 33 of the image is not the caller"
	sbx --image=root --persist="$D/kept" sh -c "touch '$D/kept/x'"
	result "control: 0 is the caller, and has one" [ -e "$D/kept/x" ]
	sbx --image=root --set=limits.processes=10 true
	if [ "$status" = 0 ]; then
		skip "$who: a limit of processes by its own count" "there is a cgroup"
	else
		refused "a limit of processes that each id would have for itself" "limits.processes: it needs a cgroup"
		sbx --image=root --best-effort=limits --processes=10 true
		result "as best effort it starts" [ "$status" = 0 ]
	fi
	sbx --image=root --wall-time=500ms "$CAPS" sh -c 'su www -c "sleep 60" & sleep 60'
	result "a limit of time ends processes of all ids" [ "$status" = 124 ]
	sbx --image=root "$CAPS" sh -c 'su www -c "sleep 60" & exit 7'
	result "what is left behind ends with the first one" [ "$status" = 7 ]
	if need script; then
		script -qec "'$T/caller' env XDG_DATA_HOME='$D/data' '$SBX' $EXTRA --set=filesystem.image-ids=many --image=www sh -c \
			'exec 3<>/dev/tty && stat -c %U \$(readlink /proc/self/fd/0)'" /dev/null >"$D/out" 2>"$D/err"
		result "its terminal belongs to the image's user" grep -q 'www' "$D/out"
	fi
}

for who in $CALLERS; do
	D=$T/$who
	mkdir -p "$D/work" "$D/closed" "$D/run"
	echo SECRET >"$D/closed/own"
	echo SECRET >"$D/closed/foreign"
	chmod 000 "$D/closed/own" "$D/closed/foreign"
	chmod 1777 "$D/work"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	chown root "$D/closed/foreign"
	chmod 700 "$D/run"
	cd / || exit 99
	for user in root www nobody far; do
		stores "$SBXCTL" image import "oci:$T/layout-$user:tag" $user >"$D/out" 2>"$D/err"
	done
	result "images come in" [ "$(stores "$SBXCTL" image verify | grep -c ': good$')" = 4 ]
	if [ "$who" = root ]; then
		sbx --image=root true
		refused "an image of root's with many ids" "the layers of root's images belong to root"
		continue
	fi
	if ! [ -e /usr/bin/newuidmap ]; then
		sbx --image=root true
		refused "without newuidmap it" "hint: apt-get install uidmap"
		skip "$who: many ids" "uidmap is not installed"
		continue
	fi
	"$T/caller" mkfifo "$D/pipe"
	about_ids
	about_changes
	about_attacks
	about_the_range
	about_isolated
	about_refusals
done
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left${left:+: $left}"
done_testing
