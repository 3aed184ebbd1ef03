# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# How a program of programs.table is used: a function a word of its column `use`. Each gives three results or four: it is
# seen, it has done its work, a stranger inside reaches nothing, nothing is left.
# $program, $profile and $name are those of the row.

# --- windows ---
# opens PATTERN OPTION... -- ARGUMENT...: the program shows a window of this title
opens() {
	title=$1
	shift
	set -- "$SBX" --report="$T/run/report.json" --name="$name" "$@"
	start_x "$@"
	wait_for 60 shows_or_ended "$title"
	shows "$title"
	shown=$?
	ok $shown "$program: its window is there ($title)"
	[ $shown = 0 ] || note "windows: $(titles); $(kill -0 "$started" 2>/dev/null || echo it has ended) $(head -c 2000 "$T/err")"
	return $shown
}

# Whatever window is there, no other program of this server has one.
closes() {
	[ ! -e /proc/"$started" ] || contained "$program" "$SBXCTL" exec "$name" --
	kill -TERM "$started" 2>/dev/null
	wait_for 3 has_ended "$started" || run_x "$SBXCTL" kill "$name" >/dev/null 2>&1 # some take a minute to tidy up
	wait "$started"
	left=$(kept_of "$started")
	as_profile "$profile" && [ -z "$left" ]
	ok $? "$program: it ran under the profile $profile, and nothing is left"
	[ -z "$left" ] || note "$left"
}

# press KEY...: to the window that was found last; there is no window manager that would give it the focus
press() {
	window=$(tail -n 1 "$T/window")
	run_x xdotool windowfocus "$window" 2>/dev/null
	run_x xdotool key --delay 50 "$@" 2>/dev/null
}

colours() {
	picture "$T/picture"
	python3 "$here/look.py" "$T/picture" >"$T/seen" 2>/dev/null
	read -r blue red ink shades <"$T/seen"
}

red() {
	colours
	between 2000 "${red:-0}" 1000000
}

# shows TITLE FILE [ARGUMENT...]: the red of the file is on the screen, and of its folder the program sees the file alone
use_shows() {
	title=$1 file=$2
	shift 2
	opens "$title" -- "$program" "$@" "$file" && wait_for 1 red
	ok $? "$program: it shows $file (${red:-0} red pixels)"
	closes
}

# shows_text TITLE ARGUMENT...: a window that says it in its title
use_shows_text() {
	title=$1
	shift
	opens "$title" -- "$program" "$@"
	closes
}

# browses TITLE ARGUMENT...: the page's own title, colours and text
use_browses() {
	title=$1
	shift
	opens "$title" -- "$program" "$@" && wait_for 1 page_colours
	ok $? "$program: the page is drawn (${blue:-0} pixels of its colour, ${ink:-0} of its text)"
	closes
}

page_colours() {
	colours
	between 50000 "${blue:-0}" 2000000 && between 1000 "${ink:-0}" 20000
}

# own SCRIPT: a test of its own has the program
use_own() {
	[ -x "$here/$1" ]
	ok $? "$program: $1 is its test"
}

# edits FILE TITLE SAVE-KEY... : what is typed into its window is in the file after it is told to save
use_edits() {
	file=$1 title=$2
	shift 2
	opens "$title" -- "$program" "$file"
	wait_for 2 settled
	while [ "$1" != -- ]; do
		case $1 in
		type:*) types "${1#type:}" ;;
		wait:*) wait_for 20 shows "${1#wait:}" ;;
		*) press "$1" ;;
		esac
		shift
	done
	if wait_for 10 written "$file"; then
		pass "$program: it has saved what was typed into $file"
		closes
	else # LibreOffice writes in place, and holds the file open: it is the host's when it is closed
		closes
		written "$file"
		ok $? "$program: when it has ended, what was typed into $file is saved"
	fi
}

# A window may be there long before it listens to keys.
settled() {
	picture "$T/before"
	sleep 1
	! changed
}

types() {
	run_x xdotool windowfocus "$(tail -n 1 "$T/window")" 2>/dev/null
	run_x xdotool type --delay 20 "$1" 2>/dev/null
}

# Those that compress what they save are asked with zcat.
written() {
	grep -qs WRITTEN "$work/$1" || zcat "$work/$1" 2>/dev/null | grep -q WRITTEN
}

# plays TITLE|- ARGUMENT...: what a card would play is in a file
use_plays() {
	title=$1
	shift
	rm -f "$T/sound/played"
	set -- --ro="$T/asound.conf" --rw="$T/sound" --env="ALSA_CONFIG_PATH=$T/asound.conf" -- "$program" "$@"
	if [ "$title" = - ]; then
		start_x "$SBX" --report="$T/run/report.json" --name="$name" "$@"
	else
		opens "$title" "$@"
	fi
	wait_for 15 played
	ok $? "$program: it plays, to a card that is a file ($(stat -c %s "$T/sound/played" 2>/dev/null) bytes)"
	played || note_file "$T/err"
	wait_for 1 has_ended "$started" && contained "$program" "$SBX" --profile="$profile" --
	closes
}

# Silence would be zeros.
played() {
	[ "$(cat "$T/sound/played" 2>/dev/null | tr -d '\0' | head -c 20000 | wc -c)" = 20000 ]
}

# game TITLE ACTION... -- ARGUMENT...: its window is another one after a click or a key
use_game() {
	title=$1 acts=
	shift
	while [ "$1" != -- ]; do
		acts="$acts $1"
		shift
	done
	shift
	opens "$title" -- "$program" "$@"
	sleep 1
	picture "$T/before"
	for act in $acts; do
		case $act in
		click:*)
			at=${act#click:}
			run_x xdotool mousemove --window "$(tail -n 1 "$T/window")" "${at%,*}" "${at#*,}" click 1 2>/dev/null
			;;
		*) press "$act" ;;
		esac
		sleep 0.5
	done
	wait_for 1 changed
	ok $? "$program: it plays along"
	closes
}

changed() {
	picture "$T/picture"
	! cmp -s "$T/before" "$T/picture"
}

# --- commands that end ---
run_sbx() {
	output=$(run_x timeout -k 5 "$(seconds 40)" "$SBX" ${options:+$options} --report="$T/run/report.json" -- "$program" "$@" 2>&1 </dev/null)
	status=$?
}

ended_well() {
	as_profile "$profile"
	ok $? "$program: it ran under the profile $profile"
	[ "$good" = 0 ] || note "status $status: $(printf %s "$output" | head -c 2000)"
	contained "$program" "$SBX" ${options:+$options} --profile="$profile" --
}

# prints TEXT ARGUMENT...
use_prints() {
	want=$1
	shift
	run_sbx "$@"
	case $output in *"$want"*) [ "$status" = 0 ] ;; *) false ;; esac
	good=$?
	ok $good "$program: it prints: $want"
	ended_well
}

# finds TEXT ARGUMENT...: prints it, and its status is 1
use_finds() {
	want=$1
	shift
	run_sbx "$@"
	case $output in *"$want"*) [ "$status" = 1 ] ;; *) false ;; esac
	good=$?
	ok $good "$program: it finds: $want"
	ended_well
}

# downloads FILE ARGUMENT...: into the private home; it goes on until it is told to end
use_downloads() {
	file=$1
	shift
	start_x "$SBX" --report="$T/run/report.json" --name="$name" -- "$program" "$@"
	wait_for 30 downloaded
	good=$?
	ok $good "$program: it has downloaded $file"
	[ $good = 0 ] || note "$(tr "\r" "\n" <"$T/out" | tail -n 3) $(head -c 1500 "$T/err")"
	closes
}

downloaded() {
	[ -n "$(find "$T/data/sbx/homes/$profile" -name "$file" -exec cmp -s "$work/$file" {} \; -print 2>/dev/null)" ]
}

# makes FILE TEXT ARGUMENT...: the file has this text, and is the user's
use_makes() {
	file=$1 want=$2
	shift 2
	as_user rm -rf "$work/$file"
	run_sbx "$@"
	[ "$status" = 0 ] && grep -qa -- "$want" "$work/$file" && [ "$(stat -c %u "$work/$file")" = "$TEST_UID" ]
	good=$?
	ok $good "$program: it makes $file, which has: $want"
	ended_well
}

# unpacks TITLE ARCHIVE FILE OPTION...: the archive is shown in a window, and with the options unpacked
use_unpacks() {
	title=$1 archive=$2 file=$3
	shift 3
	opens "$title" -- "$program" "$archive"
	closes
	as_user rm -f "$work/$file"
	run_sbx "$@"
	grep -q 'FIRST LINE' "$work/$file"
	good=$?
	ok $good "$program: it unpacks $file"
	[ $good = 0 ] || note "status $status: $output"
}

# sends SUBJECT ARGUMENT...: the mail server on this machine has it
use_sends() {
	want=$1
	shift
	run_sbx "$@"
	wait_for 5 grep -qs "$want" "$T/mails"
	good=$?
	ok $good "$program: the server has its mail"
	ended_well
}

# chats TITLE ARGUMENT...: it comes to the channel, and says something there
use_chats() {
	title=$1
	shift
	rm -f "$T/chat"
	opens "$title" -- "$program" "$@"
	wait_for 20 grep -qs 'JOIN #sbx' "$T/chat"
	types 'WRITTEN INSIDE'
	press Return
	wait_for 5 grep -qs 'PRIVMSG #sbx :WRITTEN INSIDE' "$T/chat"
	ok $? "$program: what is typed is said in the channel"
	closes
}

# --- terminals ---
# terminal TEST STEP... -- ARGUMENT...: the steps of keys.py; at `pause` a stranger tries what there is to reach
use_terminal() {
	steps='' after=$1
	shift
	while [ "$1" != -- ]; do
		steps="$steps $(quoted "$1")"
		shift
	done
	shift
	eval "set -- $steps -- $(quoted "$SBX" --report="$T/run/report.json" --name="$name" -- "$program" "$@")"
	start_x python3 "$here/keys.py" "$T/run/sign" "$@"
	wait_for 20 test -e "$T/run/sign" -o ! -e "/proc/$started"
	[ -e "$T/run/sign" ]
	ok $? "$program: it shows what it is asked for"
	[ ! -e "$T/run/sign" ] || contained "$program" "$SBXCTL" exec "$name" --
	rm -f "$T/run/sign"
	wait "$started"
	status=$?
	left=$(leftovers)
	[ $status = 0 ] && as_profile "$profile" && [ -z "$left" ]
	ok $? "$program: it went on by its keys to its end, under the profile $profile, and nothing is left"
	[ $status = 0 ] || note_file "$T/out"
	[ -z "$left" ] || note "$left"
	if [ -n "$after" ]; then
		eval "$after"
		ok $? "$program: outside, it is seen what was done: $after"
	fi
}

# quoted WORD...: as a shell would read them again
quoted() {
	for word; do
		printf "'%s' " "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
	done
}
