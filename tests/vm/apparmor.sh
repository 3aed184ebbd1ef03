#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Users' user namespaces are made worthless by AppArmor, as Ubuntu does it since 24.04: they can be made, and whoever is in one
# has no capability there. sbx says so and refuses; the setuid sbx, for which there is no such profile, works. For guests: it
# loads a profile of AppArmor. $APPARMOR_PARSER: the program that does, if not the system's.
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

# confined PROGRAM: all is allowed, but no capability
confined() {
	printf 'profile %s %s {\n file,\n network,\n unix,\n signal,\n ptrace,\n mount,\n umount,\n pivot_root,\n dbus,\n}\n' \
		"$1" "$2"
}

as_user "$unshare" -rm mount -t tmpfs none /mnt
ok $? "control: in a namespace of its own a user may mount"
as_user "$SBX" $EXTRA true
ok $? "control: sbx starts"
{
	confined test-unshare "$unshare"
	confined test-sbx "$SBX"
	confined test-sbxctl "$SBXCTL"
} >"$T/profiles"
"$parser" -K -r "$T/profiles" 2>"$T/err"
ok $? "the profiles are loaded"
note_file "$T/err"
as_user "$unshare" -U true
ok $? "control: a user may still make a user namespace"
! as_user "$unshare" -rm mount -t tmpfs none /mnt 2>"$T/err"
ok $? "control: but not mount there"
note_file "$T/err"
for options in "" --best-effort=landlock; do
	as_user "$SBX" $options sh -c 'echo ran' >"$T/out" 2>"$T/err" </dev/null
	status=$?
	[ $status = 125 ] && [ ! -s "$T/out" ] && grep -q '^.*namespaces' "$T/err"
	ok $? "sbx is refused with '$options'"
	note "$status"
	note_file "$T/err"
done
as_user "$SBX" --best-effort=namespaces,landlock sh -c 'echo ran' >"$T/out" 2>"$T/err" </dev/null; note "$?"; note_file "$T/err"
as_user "$SBXCTL" doctor >"$T/out" 2>&1
note "$?"
note_file "$T/out"
as_user "$SBX_GATED" --report=fd:1 true >"$T/out" 2>"$T/err"; note "$?"; note_file "$T/out"; note_file "$T/err"
done_testing
