#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# `sbxctl verify` of each profile of reach.golden, in a home with all that a stranger looks for and a display: what it grants, and
# what it calls a hole, is what verify.golden has. SBX_GOLDEN_UPDATE=1 writes it anew: read the difference before it is committed.
SBX_TEST_USER=sbx-no-such-user # then the home is made up
export SBX_TEST_USER
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

here=$SRCDIR/tests/desktop
[ "$(id -u)" = 0 ] || skip_all "must be started as root, to be somebody with a home that is made up"
need Xvfb xauth xdotool python3 || skip_all "$missing is not installed"
start_display
work=$home/work
as_user mkdir -p "$home/.ssh" "$home/.config/autostart" "$home/Documents" "$home/Downloads" "$work"
# shellcheck disable=SC2016 # the inner shell expands it
as_user sh -c 'for name in .ssh/id_rsa .netrc .bashrc .gitconfig; do echo SECRET >"$HOME/$name"; done'
python3 "$here/greet.py" sit-and-greet "sbx-test.$$" "$T/run/greeter" "$T/run/bus" "$T/run/docker.sock" &
pids="$pids $!"
wait_for 10 test -s "$T/run/greeter"
ok $? "there are sockets of a session"
X="$X THE_TOKEN=SECRET"

# What is granted, without what is another one on each machine: folders, numbers of lines, what is installed, ways out.
plain() {
	sed -nE "s|^ {9,}(granted\|HOLE) |\1 |p" | sed -E "s|$home|~|g; s|$T|T|g; s|[^ (]*/profiles/([a-z-]+)\.ini:[0-9]+|\1|g;
		s|X$display_number|X|g; /can read \/var\/|has a way to other machines/d" | sort -u
}

sed -n 's/^\([a-z-]*\):.*/\1/p' "$here/reach.golden" >"$T/profiles"
while read -r profile <&9; do
	echo "== $profile"
	run_x timeout --foreground -k 5 120 "${SBXCTL:?}" verify --set=profile.best-effort=limits "$profile" >"$T/said" 2>"$T/err" </dev/null
	[ $? -le 1 ] || { echo "status other than 0 and 1" && cat "$T/err"; }
	plain <"$T/said"
done 9<"$T/profiles" >"$T/verified"
! grep -q SECRET "$T/verified"
ok $? "no secret is printed"
if [ "${SBX_GOLDEN_UPDATE-}" = 1 ]; then
	cp "$T/verified" "$here/verify.golden"
fi
cmp -s "$here/verify.golden" "$T/verified"
same=$?
ok $same "each profile grants what verify.golden has"
[ $same = 0 ] || note "$(diff "$here/verify.golden" "$T/verified" | head -n 40)"
# The control: a profile with the real home is not called good.
run_x "$SBXCTL" verify --set=filesystem.home=host viewer >"$T/said" 2>&1
grep -q 'HOLE.*your whole home' "$T/said"
ok $? "control: of a viewer with the home it says that it is a hole"
nothing_left
done_testing
