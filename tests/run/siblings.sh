#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# filesystem.open-siblings: what is beside a file that the command line names, as root and as an ordinary user.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
test_folder

# sees VALUE ACCESS WORD: what of the folder is seen
sees() {
	# shellcheck disable=SC2086 # a list of words
	seen=$(as "$SBX" $EXTRA --home=empty --set=filesystem.open-siblings="$1" --set=filesystem.open-arguments="$2" \
		sh -c "cd '$D' && ls; for f in *; do [ ! -w \"\$f\" ] || echo \"w:\$f\"; done" - "$3" 2>&1 | tr '\n' ' ')
}
for who in $CALLERS; do
	D=$T/$who
	mkdir "$D"
	for file in film.mkv film.srt film.en.srt film2.srt film .film.srt other.srt; do echo "$file" >"$D/$file"; done
	chmod 666 "$D"/*
	mkdir "$D/film.folder"
	ln -s /etc/hostname "$D/film.link"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	sees no read-only "$D/film.mkv"
	[ "$seen" = "film.mkv " ]
	ok $? "$who: control: no: the file alone: $seen"
	sees same-name read-only "$D/film.mkv"
	[ "$seen" = "film.en.srt film.mkv film.srt " ]
	ok $? "$who: same-name: with its subtitles, and no link or folder: $seen"
	sees same-name read-write "file://$D/film.mkv"
	[ "$seen" = "film.en.srt film.mkv film.srt w:film.mkv " ]
	ok $? "$who: they are read-only where the file is not: $seen"
	sees same-name read-only "$D/film"
	[ "$seen" = "film " ]
	ok $? "$who: what has no ending has none: $seen"
	sees folder read-write "$D/film.mkv"
	[ "$seen" = "film film.en.srt film.folder film.link film.mkv film.srt film2.srt other.srt w:film.mkv " ]
	ok $? "$who: folder: all that is there, read-only: $seen"
	# shellcheck disable=SC2086
	as "$SBX" $EXTRA --set=filesystem.open-siblings=folder --set=filesystem.open-arguments=read-only --set=process.instances=program \
		true "$D/film.mkv" >"$T/out" 2>&1
	[ $? = 125 ] && grep -q 'open-siblings.*process.instances' "$T/out"
	ok $? "$who: not with a program that runs once"
	for i in $(seq 70); do : >"$D/film.$i"; done
	sees same-name read-only "$D/film.mkv"
	case $seen in *"more than 64 files beside"*) true ;; *) false ;; esac
	ok $? "$who: a folder with very many is refused"
done
seen=$(cd "$T" && as_user "$SBX" ${EXTRA:+$EXTRA} --set=filesystem.open-siblings=folder --set=filesystem.open-arguments=read-only \
	sh -c 'ls "$HOME"; ls /tmp | wc -l' - "$(as_user mktemp /tmp/sbx-sibling.XXXXXX)")
rm -f /tmp/sbx-sibling.??????
[ "$(echo "$seen" | tail -n 1)" -le 1 ]
ok $? "a file in /tmp does not show /tmp"
nothing_left
done_testing
