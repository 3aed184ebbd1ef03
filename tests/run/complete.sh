#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Completions of sbxctl: all that --help shows, and the names that are there, are offered by sbxctl and by the shells that are
# installed; never an error, nor a name that a shell would expand; as root and as an ordinary user.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for other shells
. "${SRCDIR:?}/tests/lib.sh"
test_folder
share=${SBX%/bin/sbx}/share

in_folders() {
	as env PATH="${SBXCTL%/*}:$PATH" XDG_RUNTIME_DIR="$D/run" XDG_CONFIG_HOME="$D/config" XDG_DATA_HOME="$D/data" XDG_STATE_HOME="$D/state" \
		XDG_DATA_DIRS="$D/share" XDG_CONFIG_DIRS="$D/share" "$@"
}
ctl() { in_folders "${SBXCTL:?}" "$@"; }
# words WORD...: what is offered for the last one, sorted, as a line.
words() { ctl --complete "$@" 2>&1 | cut -f1 | sort | tr '\n' ' ' | sed 's/ $//'; }
# offers NAME WANTED WORD...
offers() {
	name=$1 wanted=$2
	shift 2
	got=$(words "$@")
	[ "$got" = "$wanted" ]
	ok $? "$who: $name"
	[ "$got" = "$wanted" ] || note "got '$got'"
}

all_of_help() {
	ctl --help | sed -n 's/^  sbxctl \([a-z]\)/\1/p' >"$T/help"
	[ "$(wc -l <"$T/help")" -gt 40 ]
	ok $? "$who: --help has commands"
	offers "each command of --help, and no other" "$(cut -d' ' -f1 "$T/help" | sort -u | tr '\n' ' ' | sed 's/ $//')" ''
	unseen='' options=''
	while read -r first rest; do
		second=${rest%% *}
		case $second in
		[a-z]*) words "$first" '' | tr ' ' '\n' | grep -qxe "$second" || unseen="$unseen $first-$second" ;;
		*) second= ;;
		esac
		# Not what is another program's: "-- SBX-WORDS".
		for option in $(printf '%s\n' "$rest" | tr ' ' '\n' | tr '|' '\n' | sed -n 's/^\[*\(--*[a-z][a-z-]*=*\).*/\1/p'); do
			words "$first" ${second:+"$second"} - | tr ' ' '\n' | grep -qxe "$option" || options="$options $first-$second$option"
		done
	done <"$T/help"
	[ -z "$unseen" ]
	ok $? "$who: each second word${unseen:+, but not:$unseen}"
	[ -z "$options" ]
	ok $? "$who: each option${options:+, but not:$options}"
}

things() {
	in_folders mkdir -p "$D/data/sbx/images/refs" "$D/state/sbx/sessions/kept" "$D/data/sbx/homes/web" "$D/config/sbx/profiles"
	in_folders chmod 700 "$D/data" "$D/data/sbx" "$D/data/sbx/images"
	for name in example%app:1 example%app:2 '$(id>pwned)' 'a b'; do in_folders touch "$D/data/sbx/images/refs/$name"; done
	for name in mine '$(id>pwned)' '`id>pwned`' 'mi ne' "mi'ne"; do in_folders touch "$D/config/sbx/profiles/$name.ini"; done
	in_folders mkdir -p "$D/share/applications"
	printf '[Desktop Entry]\nType=Application\nExec=evince %%u\n' | in_folders tee "$D/share/applications/one.desktop" >/dev/null
	ctl box create parts >/dev/null
	# shellcheck disable=SC2086 # a list of words
	in_folders "$SBX" $EXTRA --detach --name=web sleep 60 >/dev/null
}

names() {
	offers "sandboxes" web stop ''
	offers "boxes" parts box show ''
	offers "images" "example/app:1 example/app:2" image inspect ''
	offers "sessions" kept session diff ''
	offers "homes" web home reset ''
	offers "profiles" mine profile show mi
	offers "entries, and their programs" "one.desktop" desktop enable one
	offers "the programs of entries" "evince" desktop status ev
	offers "a second name" parts box destroy other pa
	offers "the value of an option" "--profile=mine" box run parts --profile=mi
	offers "keys" "--set=limits.memory=" verify --set=limits.mem
	offers "forms of a target" "oci-archive: oci:" image pack -o ''
	offers "paths" / box put parts ''
	offers "paths for an option" / pair --report=
	offers "another program's words" / exec web ls -
	offers "options where nothing else fits" "--desktop --fix --grading --json" doctor ''
	offers "nothing after a word that is none" "" nothing ''
	offers "nothing for more names than it takes" "" image tag one two ''
}

errors() {
	in_folders sh -c 'mv "$1/state" "$1/state.was" && echo no >"$1/state" && mv "$1/data/sbx/images/refs" "$1/refs" && echo no >"$1/data/sbx/images/refs"' - "$D"
	! ctl session list >"$T/err" 2>&1 && ! ctl image list >"$T/err" 2>&1
	ok $? "$who: control: that is an error"
	offers "no errors, but nothing, of sessions" "" session diff ''
	offers "no errors, but nothing, of images" "" image inspect ''
	in_folders sh -c 'rm "$1/state" "$1/data/sbx/images/refs" && mv "$1/state.was" "$1/state" && mv "$1/refs" "$1/data/sbx/images/refs"' - "$D"
}

# bash NAME WANTED LINE [PATH]: what bash offers at the end of the line.
bash_offers() {
	got=$(cd "$D" && in_folders bash -c 'compopt() { [ "$2" = default ] && echo paths; }
		[ -z "$2" ] || PATH=$2
		. "$0"; COMP_LINE=$1; COMP_POINT=${#1}; _sbxctl; echo "${COMPREPLY[*]}"' \
		"$share/bash-completion/completions/sbxctl" "$3" "${4-}" 2>&1)
	[ "$got" = "$2" ]
	ok $? "$who: bash: $1"
	[ "$got" = "$2" ] || note "got '$got'"
}

in_bash() {
	if ! need bash; then
		skip "$who: bash completes" "$missing is not installed"
		return
	fi
	bash_offers "a command" inspect "sbxctl ins"
	bash_offers "a second word" "show" "sbxctl box sh"
	bash_offers "an option" "--grace=" "sbxctl stop --gr"
	bash_offers "a name" "web" "sbxctl stop "
	bash_offers "a name with a colon" "1 2" "sbxctl image inspect example/app:"
	bash_offers "a value after '='" "mine" "sbxctl box run parts --profile=mi"
	bash_offers "paths" "paths" "sbxctl box put parts "
	bash_offers "no name that it would expand" "" 'sbxctl profile show $'
	bash_offers "nothing without sbxctl" "" "sbxctl ins" /nowhere
	got=$(cd "$D" && in_folders bash -c '. "$0"; COMP_WORDS=(sbx --profile = mi); COMP_CWORD=3; _sbx; echo "${COMPREPLY[*]}"' \
		"$share/bash-completion/completions/sbx" 2>&1)
	[ "$got" = mine ]
	ok $? "$who: bash: a profile of sbx"
	[ "$got" = mine ] || note "got '$got'"
	[ ! -e "$D/pwned" ]
	ok $? "$who: bash: nothing was expanded"
}

in_fish() {
	if ! need fish; then
		unavailable "$who: fish completes" "$missing is not installed"
		return
	fi
	got=$(cd "$D" && in_folders fish --no-config -c "source '$share/fish/vendor_completions.d/sbxctl.fish'
		complete -C 'sbxctl ins'; complete -C 'sbxctl stop '; complete -C 'sbxctl image inspect example/app:'" 2>&1 | cut -f1 | tr '\n' ' ')
	[ "$got" = "inspect web example/app:1 example/app:2 " ]
	ok $? "$who: fish completes"
	[ "$got" = "inspect web example/app:1 example/app:2 " ] || note "got '$got'"
}

for shell in bash:bash-completion/completions/sbxctl zsh:zsh/site-functions/_sbxctl fish:fish/vendor_completions.d/sbxctl.fish; do
	if need "${shell%%:*}"; then
		"${shell%%:*}" -n "$share/${shell#*:}" 2>"$T/err"
		ok $? "${shell%%:*} can read its completions of sbxctl"
	else
		unavailable "${shell%%:*} can read its completions of sbxctl" "$missing is not installed"
	fi
done
for who in $CALLERS; do
	D=$T/$who
	mkdir "$D" "$D/run" && chmod 700 "$D/run"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D" "$D/run"
	all_of_help
	things
	names
	errors
	in_bash
	in_fish
	ctl kill web >/dev/null && ctl wait web
	ctl forget web >/dev/null
done
nothing_left
done_testing
