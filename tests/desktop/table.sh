#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes the table of profiles/README.md: a row a program of programs.table, what its profile lets it reach, as `sbxctl profile
# show` has it, and how a test uses it. With --print it only prints it.
# usage: SBXCTL=... SRCDIR=... table.sh [--print]
set -eu
here=${SRCDIR:?}/tests/desktop
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
mkdir "$T/home" "$T/home/Downloads" "$T/work"

# shown PROFILE: its keys, for a caller whose folders are known
shown() {
	(cd "$T/work" && env -i PATH="$PATH" HOME="$T/home" "${SBXCTL:?}" profile show "$1" | sed 's/  # .*//')
}

# says KEY VALUE: the profile has it
says() {
	grep -qxF "$1 = $2" "$T/shown"
}

reach() {
	! says filesystem.home private || printf 'a private home, '
	! says filesystem.open-arguments read-only || printf 'reads the files it is called with, '
	! says filesystem.open-arguments read-write || printf 'writes the files it is called with, '
	if says filesystem.read-write "$T/work"; then
		printf 'writes the working directory, '
	elif says filesystem.open-arguments no && ! grep -q '^filesystem.working-directory = ' "$T/shown"; then
		printf 'reads the working directory, '
	fi
	! grep -q '^filesystem.read-write = .*/Downloads$' "$T/shown" || printf 'Downloads, '
	! grep -q '^filesystem.read-only = .*/\.gitconfig$' "$T/shown" || printf 'reads ~/.gitconfig, '
	if says network.mode host; then
		printf 'the network'
		says network.bind-tcp none || printf ' (and others may connect)'
		printf ', '
	fi
	! grep -q '^desktop.x11 = [yi]' "$T/shown" || printf 'a display, '
	! says devices.allow audio || printf 'sound, '
	! says devices.allow gpu || printf 'graphics hardware, '
	says process.nested-namespaces 0 || printf 'namespaces of its own, '
	! says syscalls.allow ptrace || printf 'traces what it starts, '
}

how() {
	case $1 in
	own) echo "\`$2\`" ;;
	shows) echo "a window shows a file" ;;
	shows_text) echo "its window, with a file" ;;
	browses) echo "a page, from a local server" ;;
	terminal) echo "by its keys, on a terminal" ;;
	edits) echo "types into a file, and saves it" ;;
	plays) echo "plays a file, to a card that is a file" ;;
	game) echo "its window, which changes when it is played" ;;
	unpacks) echo "its window; unpacks an archive" ;;
	makes) echo "makes a file" ;;
	prints | finds) echo "prints what it reads" ;;
	sends) echo "sends a mail to a local server" ;;
	chats) echo "says something in a local channel" ;;
	downloads) echo "downloads a file, from a local server" ;;
	esac
}

# The file itself, and with all that it includes.
lines() {
	count=$(wc -l <"$SRCDIR/profiles/$1.ini")
	all=$count
	sed -n 's/^profile.include = //p' "$T/shown" | sort -u >"$T/included"
	while read -r name; do
		all=$((all + $(wc -l <"$SRCDIR/profiles/$name.ini")))
	done <"$T/included"
	[ "$all" = "$count" ] && echo "$count" || echo "$count ($all)"
}

table() {
	echo "| program | profile | lines | may reach | checked how |"
	echo "|---|---|---|---|---|"
	last=
	sed 's/ | /|/g; /^#/d; /^name|/d; /^$/d' "$here/programs.table" >"$T/rows"
	while IFS='|' read -r _ program _ profile use words; do
		if [ "$profile" != "$last" ]; then
			shown "$profile" >"$T/shown"
			reach=$(reach) lines=$(lines "$profile") last=$profile
		fi
		echo "| $program | $profile | $lines | ${reach%, } | $(how "$use" "${words%% *}") |"
	done <"$T/rows"
}

table >"$T/table"
if [ "${1-}" = --print ]; then
	cat "$T/table"
else
	file=$SRCDIR/profiles/README.md
	sed -e '/^<!-- table -->$/,/^<!-- end of the table -->$/{//!d;}' "$file" | sed "/^<!-- table -->\$/r $T/table" >"$T/new"
	cp "$T/new" "$file"
fi
