#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# AppArmor lets a user make a user namespace, and allows no capability in it, as Ubuntu does since 24.04 for programs without
# a profile; here by profiles for the programs, since Linux has no such switch. sbx refuses; the setuid sbx, which has no
# profile, works. For guests: it loads profiles. $APPARMOR_PARSER: the program that does, if not the system's.
# shellcheck disable=SC2086 # lists of words
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

parser=${APPARMOR_PARSER:-apparmor_parser}
[ -d /sys/kernel/security/apparmor ] || skip_all "this kernel has no AppArmor, or it is off"
need "$parser" || skip_all "$missing is not installed"
test_folder
need_gated
cd / || exit 99
unshare=$T/unshare
cp "$(command -v unshare)" "$unshare"

# confined NAME PROGRAM: it may do all that needs no capability
confined() {
	printf 'profile %s %s {\n file,\n network,\n unix,\n signal,\n ptrace,\n mount,\n umount,\n pivot_root,\n dbus,\n}\n' "$1" "$2"
}
# ends STATUS NAME PROGRAM OPTION...: a sandbox ends so; it has run if the status is 0, and only then
ends() {
	wanted=$1 name=$2
	shift 2
	as_user "$@" --report="$T/report" sh -c 'echo ran' >"$T/out" 2>"$T/err" </dev/null
	status=$?
	[ $status = "$wanted" ] && [ "$(cat "$T/out")" = "$([ "$wanted" != 0 ] || echo ran)" ]
	ok $? "$name"
	[ $status = "$wanted" ] || note "status $status: $(head -c 1000 "$T/err")"
}
touch "$T/report" && chown "$TEST_UID" "$T/report"

as_user "$unshare" -rm mount -t tmpfs none /mnt
ok $? "control: in namespaces of its own a user may mount"
ends 0 "control: sbx starts" "$SBX" $EXTRA
{
	confined test-unshare "$unshare"
	confined test-sbx "$SBX"
	confined test-sbxctl "$SBXCTL"
} >"$T/profiles"
"$parser" -K -r "$T/profiles" >"$T/err" 2>&1
status=$?
ok $status "the profiles are loaded: all is allowed, and no capability"
[ $status = 0 ] || note_file "$T/err"
as_user "$unshare" -U true
ok $? "control: a user may still make a user namespace"
! as_user "$unshare" -rm mount -t tmpfs none /mnt 2>"$T/err"
ok $? "control: but nothing in it"
for options in "" --best-effort=landlock --best-effort=limits; do
	ends 125 "sbx is refused${options:+ with $options}" "$SBX" $options
	grep -q 'namespaces: Operation not permitted' "$T/err" && grep -q 'hint: .*sbxctl doctor' "$T/err"
	ok $? "and says what is not permitted, and where to ask"
done
! as_user "$SBXCTL" doctor >"$T/out" 2>&1 && grep -q "missing *namespaces" "$T/out"
ok $? "sbxctl doctor says that namespaces are missing"
if [ "$LANDLOCK" -ge 6 ]; then
	ends 0 "without namespaces it starts, if that is asked for" "$SBX" --best-effort=namespaces
	grep -q '"degraded"' "$T/report" && grep -q '"layer": *"namespaces"' "$T/report"
	ok $? "and the report says so"
fi
ends 0 "the setuid sbx starts" "$SBX_GATED" $EXTRA
grep -q '"namespaces": *"gate"' "$T/report"
ok $? "and the report says how"
done_testing
