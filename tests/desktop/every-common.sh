# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The programs of programs.table, each under the profile that its name chooses: it is seen, it is used, and from inside of its
# sandbox a hostile program tries what reach.py has; what it may reach is in reach.golden, a line a profile.
# usage: FAMILIES="..." . every-common.sh      (TAP). ONLY="NAME...": these programs alone. Without EVERY=all
# (long-every.sh) only those whose package is in build-aux/packages.txt.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"
# shellcheck source=tests/desktop/use-common.sh
. "${SRCDIR:?}/tests/desktop/use-common.sh"

PATH=$PATH:/usr/games
here=$SRCDIR/tests/desktop
need Xvfb xauth xdotool import python3 || skip_all "$missing is not installed"
start_display

# --- a folder of work, and what a stranger would look for ---
work=$T/work
mkdir "$T/sound" "$T/www"
echo "CANARY OF THE HOST" >"/tmp/sbx-canary.$$"
cp "$here/page.html" "$T/www/"
chown "$TEST_UID:$TEST_GID" "$T/sound" "/tmp/sbx-canary.$$"
X="$X PATH=/usr/local/bin:/usr/bin:/bin:/usr/games SBX_TEST_TOKEN=TOKEN" # what env is told last counts
python3 "$here/greet.py" sit-and-greet "sbx-test.$$" "$T/run/greeter" "$T/run/bus" "$T/run/docker.sock" &
pids="$pids $!"
python3 "$here/serve.py" "$T/www" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
python3 "$here/local.py" "$T/local" "$T/chat" "$T/mails" >"$T/local.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/run/greeter" && wait_for 10 test -s "$T/port" && wait_for 10 test -s "$T/local"
ok $? "somebody listens where nobody may come"
# shellcheck disable=SC2034 # the words of the table name it
url=http://127.0.0.1:$(cat "$T/port")
# shellcheck disable=SC2034 # the words of the table name them
read -r irc smtp <"$T/local"
# shellcheck disable=SC2016 # the inner shell expands it
as_user sh -c 'echo "NOT NAMED" >"$1"' - "$work/beside.txt"
as_user python3 "$here/papers.py" "$work"
as_user python3 "$here/samples.py" "$work" "$url"
cp "$work/note.wav" "$T/www/"
need ffmpeg && as_user ffmpeg -v error -i "$work/note.wav" "$work/note.mp3"
if need git; then # as a server that knows nothing of git shows one
	mkdir "$T/repository" && cp "$work/note.txt" "$T/repository/" && cd "$T/repository" && git init -q . && git add note.txt &&
		git -c user.name=a -c user.email=a@here commit -q -m first && git clone -q --bare . "$T/www/repository.git" &&
		git -C "$T/www/repository.git" update-server-info
	cd "$SRCDIR" || exit 99
fi
printf '%s\n' "pcm.!default { type file; file \"$T/sound/played\"; format raw; slave.pcm { type null } }" >"$T/asound.conf"

# --- what can be reached ---
# reached COMMAND...: its words in $reached, of a shell that COMMAND starts; `written`, if the host's home has what it wrote
reached() {
	written=$home/.sbx-test-written.$$
	reached=$(run_x "$@" python3 -c "$(cat "$here/reach.py")" "@$secret" "@/tmp/sbx-canary.$$" "@$work/beside.txt" "@$T/run" \
		"@sbx-test.$$" "@$(cat "$T/run/greeter")" "@$written" 2>"$T/err")
	case $reached in
	*end) reached=${reached%end} ;;
	*) reached="(it did not end) $reached" && note_file "$T/err" ;;
	esac
	[ ! -e "$written" ] || reached="${reached}written "
	rm -f "$written"
}

# May be reached: what the line of the profile says.
may_reach() {
	sed -n "s/^$1: *//p" "$here/reach.golden" | sed 's/$/ /; s/^ $//'
}

# contained PROGRAM COMMAND...: from inside, nothing is reached but that
contained() {
	what=$1
	shift
	reached "$@"
	wanted=$(may_reach "$profile")
	[ "$reached" = "$wanted" ]
	ok $? "$what: from inside, what a stranger can reach is: ${reached:-nothing}"
	[ "$reached" = "$wanted" ] || note "the profile $profile may: ${wanted:-nothing}"
}

# One report a start: it says which profile was chosen.
as_profile() {
	tr -d ' \n' <"$T/run/report.json" 2>/dev/null | grep -q "\"profile\":\[\"$1\"\]"
}

reached env
[ "$reached" = "secret canary beside change bus docker abstract network process sys variable setuid namespace written " ] # all of them
ok $? "control: outside, all of it is reached: $reached"

# --- the rows ---
# row PROGRAM PACKAGE PROFILE USE WORDS
row() {
	program=$1 package=$2 profile=$3 use=$4 name=every-$1-$$
	if ! need "$program"; then
		if grep -qx "$package" "$SRCDIR/build-aux/packages.txt"; then
			skip "$program" "$package is not installed"
		else
			unavailable "$program" "$package is not installed (build-aux/packages-desktop.txt)"
		fi
		return
	fi
	rm -f "$T/run/report.json" "$T/run/sign"
	rm -rf "$T/data/sbx/homes/$profile" # what a program that was ended wants to recover would come first
	options=
	[ "$profile" != compile ] || options=--best-effort=limits # where there is no cgroup
	as_user cp "$work/note.txt" "$work/kept.txt"
	eval "set -- $5" # words of the table, quoted as for a shell
	began=$(date +%s)
	"use_$use" "$@"
	as_user cp "$work/kept.txt" "$work/note.txt"
	[ -z "${TIMES-}" ] || note "$program: $(($(date +%s) - began)) s"
}

# shellcheck disable=SC2154 # the script sets $FAMILIES
each_row() {
	sed 's/ | /|/g; /^#/d; /^name|/d; /^$/d' "$here/programs.table" >"$T/rows"
	while IFS='|' read -r family program package profile use words <&9; do
		case " $FAMILIES " in *" $family "*) ;; *) continue ;; esac
		case " ${ONLY:-$program} " in *" $program "*) ;; *) continue ;; esac
		[ "${EVERY-}" = all ] || grep -qx "$package" "$SRCDIR/build-aux/packages.txt" || continue
		row "$program" "$package" "$profile" "$use" "$words"
	done 9<"$T/rows"
}
