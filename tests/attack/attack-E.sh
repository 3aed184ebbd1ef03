#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by environment, arguments and configuration; attack-C.sh has more.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
unset LC_ALL # it is passed on, and what is passed on is counted here

# The kernel gives a program that has no argv an empty name, with which sbx does not start.
claim T-E1 "no argv, or an empty argv[0]" "check at the start"
t_E1() {
	try "$A" with-no-argv "$A"
	holds "control: a program sees an empty name" [ "$status" = 20 ]
	refused "no argv at all" "$A" with-no-argv "$SBX"
	control "a secret variable" env TOKEN=abc "$A" with-empty-name "$A" env-has TOKEN
	refused "an empty name" env TOKEN=abc "$A" with-empty-name $S --ro="$T/bin" "$A" env-has TOKEN
}

claim T-E3 "secrets in variables" "list of variables"
t_E3() {
	secrets=$(i=0; while [ $i -lt 300 ]; do echo "AWS_SECRET_$i=abc"; i=$((i + 1)); done)
	control "a secret variable" env $secrets TOKEN=abc "$A" env-has TOKEN
	closed "a secret variable" env $secrets TOKEN=abc $B "$A" env-has TOKEN
	closed "one of 300 variables" env $secrets $B "$A" env-has AWS_SECRET_299
	closed "only what the list says" env $secrets LANG=C TERM=dumb $B "$A" env-other \
		PATH HOME USER LOGNAME SHELL LANG TERM XDG_RUNTIME_DIR PWD TMPDIR
	closed "a variable that is unset by the profile" env TOKEN=abc $B --set=environment.pass=TOKEN \
		--set=environment.unset=TOKEN "$A" env-has TOKEN
	control "a variable that is passed" env TOKEN=abc $B --set=environment.pass=TOKEN "$A" env-has TOKEN
}

claim T-E4 "variables twice, without '=', 128 KiB long, of odd bytes" "list of variables"
t_E4() {
	control "odd variables" "$A" with-odd-variables "$A" env-other PATH HOME LANG TERM TZ
	safe "odd variables" "$A" with-odd-variables $S --ro="$T/bin" "$A" env-other PATH HOME LANG TERM TZ USER \
		LOGNAME XDG_RUNTIME_DIR
}

quiet_about_secret() {
	! grep -q 'SECRET' "$T/err"
}

claim T-A2 "profiles that are devices, FIFOs, folders, links to secrets, or too large" "check of profiles"
t_A2() {
	mkfifo "$D/fifo.ini"
	ln -s "$T/secret" "$D/link.ini"
	head -c 100000 /dev/zero | tr '\0' '\n' >"$D/big.ini"
	printf '[filesystem]\nread-only = %s\n' "$T/secret" >"$D/wide.ini"
	chmod 644 "$D"/*.ini
	control "a profile given by its path" timeout "$(seconds 10)" $S --profile="$D/wide.ini" --ro="$T/bin" "$A" read-secret "$T/secret"
	for profile in ../../x /dev/zero "$D/fifo.ini" "$D" "$D/link.ini" "$D/big.ini" /etc/shadow "$D/absent.ini" '' .. 'a b'; do
		refused "profile '$profile'" timeout "$(seconds 10)" $S --profile="$profile" --ro="$T/bin" "$A" uid-zero
		holds "nothing of the content is shown" quiet_about_secret
	done
}

claim T-A3 "options after the command" "options end at the command"
t_A3() {
	control "the same words as options" env TOKEN=abc $B --set=environment.pass=TOKEN "$A" env-has TOKEN
	closed "options after the command are the command's" env TOKEN=abc $B "$A" env-has --set=environment.pass=TOKEN TOKEN
	closed "options after -- are the command's" env TOKEN=abc $B -- "$A" env-has TOKEN --profile=none --set=environment.pass=TOKEN
	out=$(as_caller $B -- /bin/echo --output=/x --profile=none -- --help -x 2>"$T/err")
	holds "all words arrive as they are" [ "$out" = "--output=/x --profile=none -- --help -x" ]
}

claim T-A4 "shell characters in arguments and names" "no shell is used"
t_A4() {
	evil="\$(touch $D/work/a);touch $D/work/b;\`touch $D/work/c\`|touch $D/work/d"
	as_caller sh -c "echo $evil" >"$T/out" 2>&1 </dev/null
	holds "control: a shell does what the words say" [ -e "$D/work/b" ]
	rm -f "$D"/work/*
	out=$(as_caller $B --rw="$D/work" -- /bin/echo "$evil" 2>"$T/err")
	holds "the words arrive as they are" [ "$out" = "$evil" ]
	as_caller $B --rw="$D/work" --name="$evil" --hostname=x --env="A=$evil" -- /bin/true >"$T/out" 2>"$T/err" </dev/null
	as_caller $B --rw="$D/work" -- "$evil" >"$T/out" 2>"$T/err" </dev/null
	holds "nothing was made" [ -z "$(ls "$D/work")" ]
}

claim T-C4 "a profile planted in the working directory" "fixed folders of profiles"
t_C4() {
	printf '[environment]\npass = TOKEN\n' >"$D/work/wide.ini"
	cp "$D/work/wide.ini" "$D/work/default.ini"
	cp "$D/work/wide.ini" "$D/work/wide"
	control "the file by its path" sh -c "cd '$D/work' && TOKEN=abc exec $B --profile=./wide.ini $A env-has TOKEN"
	for name in wide wide.ini; do
		refused "the name '$name' is not looked up in the working directory" \
			sh -c "cd '$D/work' && TOKEN=abc exec $B --profile=$name $A env-has TOKEN"
	done
	closed "nor is the default profile" sh -c "cd '$D/work' && TOKEN=abc exec $B $A env-has TOKEN"
}

claim T-C6 "a profile written by the program" "hidden folders of profiles"
t_C6() {
	profile=$D/home/.config/sbx/profiles/default.ini
	drop=$D/home/.config/sbx/profiles/default.d/x.ini
	control "a profile is written" "$A" make-file "$profile" "$drop"
	holds "control: it is there" [ -e "$profile" ]
	rm -rf "$D/home/.config"
	for home in "--home=host" "--rw=$D/home" "--persist=$D/home" "--rw=$D"; do
		try $B $home "$A" make-file "$profile" "$drop"
		holds "no profile is there after $home" [ ! -e "$profile" ] && holds "nor an addition" [ ! -e "$drop" ]
		rm -rf "$D/home/.config"
		mkdir "$D/home/.config"
		give "$D/home/.config"
		try $B $home "$A" make-file "$profile" "$drop"
		holds "no profile is there after $home with a .config" [ ! -e "$profile" ] && holds "nor an addition" [ ! -e "$drop" ]
		rm -rf "$D/home/.config"
	done
}

cases "${1-}"
