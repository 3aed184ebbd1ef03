#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl for real: profiles are listed, shown and checked with their lines; completions complete; doctor finds what is missing;
# and the report of sbx is what its schema says.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
share=${SBX%/bin/sbx}/share
XDG_CONFIG_HOME=$T/config
export XDG_CONFIG_HOME
profiles=$XDG_CONFIG_HOME/sbx/profiles
mkdir -p "$profiles/tls.d" "$T/work"
chmod -R a+rX "$T"

# ctl NAME STATUS ARGUMENT...: runs sbxctl; its output is in $T/out and $T/err.
ctl() {
	name=$1 wanted=$2
	shift 2
	"${SBXCTL:?}" "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$wanted" ]
	ok $? "$name: status $wanted${got:+ ($got)}"
}

has() { # has FILE NAME TEXT: a line of $T/FILE has the text
	grep -qF -- "$3" "$T/$1"
	ok $? "$2"
	grep -qF -- "$3" "$T/$1" || note_file "$T/$1"
}

# --- the command line ---
ctl "--help" 0 --help
has out "--help names the commands" "profile check"
ctl "--version" 0 --version
ctl "no command" 2
ctl "an unknown command" 2 profiles
ctl "an unknown format" 2 profile keys --format=xml
ctl "doctor with an argument that it does not know" 2 doctor --fix

# --- profiles ---
ctl "profile list" 0 profile list
missing=
for file in "$share"/sbx/profiles/*.ini; do
	name=${file##*/}
	grep -q "^${name%.ini} .*[a-z]" "$T/out" || missing="$missing ${name%.ini}"
done
[ -z "$missing" ]
ok $? "it has each installed profile, with a description${missing:+, but not:$missing}"

ctl "profile check of all" 0 profile check
[ "$(grep -c ': ok$' "$T/out")" = "$(find "$share/sbx/profiles" -name '*.ini' | wc -l)" ]
ok $? "each installed profile is ok"

cat >"$profiles/bad.ini" <<'INI'
[profile]
description = bad
[limits]
memori = 1G
processes = many
[nowhere]
key = value
INI
ctl "profile check of a bad and a good one" 1 profile check bad tls
cat "$T/out" "$T/err" >"$T/said"
for line in 4 5 6; do
	has said "the error in line $line is shown" "$profiles/bad.ini:$line: "
done
has said "with the nearest name" "did you mean 'memory'?"
has said "the good one is ok" "tls: ok"
ctl "profile show of a bad one" 1 profile show bad
ctl "profile list with a bad one" 0 profile list
rm "$profiles/bad.ini"

printf '[filesystem]\nread-only = -/opt\n' >"$profiles/tls.d/local.ini"
ctl "profile show" 0 profile show tls
grep -q "etc = @tls .*$share/sbx/profiles/tls.ini:[0-9]" "$T/out"
ok $? "a value has the line it comes from"
grep -q "read-only = -/opt .*$profiles/tls.d/local.ini:2$" "$T/out"
ok $? "so has a value of a drop-in"
ctl "profile show of one that is not there" 1 profile show tsl
has err "with the nearest name" "tls"

evil=$(printf 'x\033[31m\nq')
ctl "profile check of a name with control bytes" 1 profile check "$evil" "./$evil"
! cat "$T/out" "$T/err" | LC_ALL=C grep -q "$(printf '\033')"
ok $? "they are not printed"

# --- completions ---
# completes NAME WANTED WORD...: what bash offers for the last word, as a line.
completes() {
	name=$1 wanted=$2
	shift 2
	# shellcheck disable=SC2016 # for bash
	got=$(PATH=${SBXCTL%/*}:$PATH bash -c 'compopt() { :; }
		. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE=$*; COMP_POINT=${#COMP_LINE}
		_sbx sbx "${@: -1}" "${@: -2:1}"; echo "${COMPREPLY[*]}"' "$share/bash-completion/completions/sbx" "$@" 2>&1)
	[ "$got" = "$wanted" ]
	ok $? "bash completes $name"
	[ "$got" = "$wanted" ] || note "got '$got'"
}
if need bash; then
	completes "an option" "--wall-time=" sbx --wall
	completes "the words of an option" "host" sbx --net = h
	completes "a profile" "viewer" sbx --profile = view
	completes "a key" "limits.memory=" sbx -s limits.mem
else
	skip "bash completes" "$missing is not installed"
fi
for shell in bash:bash-completion/completions/sbx zsh:zsh/site-functions/_sbx fish:fish/vendor_completions.d/sbx.fish; do
	if need "${shell%%:*}"; then
		"${shell%%:*}" -n "$share/${shell#*:}" 2>"$T/err"
		ok $? "${shell%%:*} can read its completions"
	else
		unavailable "${shell%%:*} can read its completions" "$missing is not installed"
	fi
done

# --- doctor ---
"$SBXCTL" doctor >"$T/out" 2>"$T/err"
status=$?
bad=$(grep -c '^missing ' "$T/out")
[ "$status" = "$([ "$bad" = 0 ] && echo 0 || echo 1)" ] && [ ! -s "$T/err" ]
ok $? "doctor has status $status with $bad layers missing"
for layer in kernel landlock syscalls namespaces isolated "limit memory" terminal newuidmap; do
	grep -qE "^(ok|optional|missing) +$layer " "$T/out"
	ok $? "doctor looks at $layer"
done
! LC_ALL=C grep -q "$(printf '\033')" "$T/out"
ok $? "no colour where there is no terminal"
if need script; then
	script -qec "'$SBXCTL' doctor" /dev/null </dev/null >"$T/out" 2>&1
	LC_ALL=C grep -q "$(printf '\033')" "$T/out"
	ok $? "colour on a terminal"
fi
"$SBXCTL" doctor --json >"$T/doctor.json"
python3 - "$T/doctor.json" >"$T/err" 2>&1 <<'PYTHON'
import json, sys
findings = json.load(open(sys.argv[1]))["findings"]
assert {"kernel", "landlock", "namespaces"} <= {f["layer"] for f in findings}
assert all(f["state"] in ("ok", "optional", "missing") for f in findings)
assert all(f["fix"] is None for f in findings if f["state"] == "ok")
PYTHON
ok $? "doctor --json says the same"
"$SBX" "$SBXCTL" doctor >"$T/out" 2>"$T/err"
[ $? = 1 ] && grep -qE '^missing +namespaces ' "$T/out"
ok $? "control: in a sandbox, where no namespace can be made, it says so"
# --- who can have namespaces gets them ---
if "$SBX" true 2>/dev/null; then
	"$SBXCTL" doctor >"$T/out" 2>&1
	grep -qE '^ok +namespaces ' "$T/out"
	ok $? "root: where a sandbox starts, doctor says that namespaces can be made"
	"$SBX" --best-effort=namespaces --report=fd:1 true | tr -d ' \n' >"$T/out"
	grep -q '"namespaces":"user".*"degraded":\[\]' "$T/out"
	ok $? "root: and a profile that could do without has them"
	as_user "$SBXCTL" doctor >"$T/out" 2>&1
	grep -qE '^ok +namespaces ' "$T/out"
	ok $? "user: where a sandbox starts, doctor says that namespaces can be made"
	as_user "$SBX" --best-effort=namespaces --report=fd:1 true | tr -d ' \n' >"$T/out"
	grep -q '"namespaces":"user".*"degraded":\[\]' "$T/out"
	ok $? "user: and a profile that could do without has them"
else
	skip "namespaces" "no sandbox starts here"
fi
"$SBXCTL" doctor --grading --json >"$T/doctor.json"
python3 - "$T/doctor.json" >"$T/err" 2>&1 <<'PYTHON'
import json, sys
findings = json.load(open(sys.argv[1]))["findings"]
assert {"kernel", "governor", "smt", "turbo", "aslr", "swap", "neighbours", "counters"} <= {f["layer"] for f in findings}
PYTHON
ok $? "doctor --grading looks at what makes times differ"

# --- the report ---
# report NAME STATUS ARGUMENT...: a run with these arguments writes a report that is as the schema says. Its output goes to a
# file; and it is ended in any case.
report() {
	name=$1 wanted=$2
	shift 2
	rm -f "$T/work/report.json"
	(cd "$T/work" && timeout 60 "$SBX" --report="$T/work/report.json" "$@") >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$wanted" ]
	ok $? "$name: status $wanted ($got)"
	valid "$T/work/report.json" 2>>"$T/err"
	ok $? "$name: the report is valid"
	[ "$got" = "$wanted" ] || note_file "$T/err"
}
valid() {
	python3 -c 'import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(json.load(open(sys.argv[2])))' "$share/sbx/report.schema.json" "$1"
}
if python3 -c 'import jsonschema' 2>/dev/null; then
	report "a command that ends well" 0 true
	report "one that fails" 3 sh -c 'exit 3'
	report "one that a signal ends" 137 sh -c 'kill -KILL $$'
	report "one that is ended" 124 --wall-time=100ms sleep 60
	report "one that writes too much" 123 --set=limits.output-size=1K yes
	report "one that is not there" 127 ./missing
	report "one that makes a denied call" 1 --set=syscalls.denied=report unshare --user true
	grep -q '"syscall": "unshare"' "$T/work/report.json"
	ok $? "the report counts the call by name"
	report "one with bytes that are no text" 0 true "$(printf 'a\377\033b')"
	sed 's/"verdict"/"more": 1, "verdict"/' "$T/work/report.json" >"$T/work/more.json"
	! valid "$T/work/more.json" 2>/dev/null
	ok $? "control: a field that the schema does not know is found"
else
	skip "the report is valid" "python3-jsonschema is not installed"
fi
left=$(leftovers | grep '^process')
[ -z "$left" ]
ok $? "no process is left behind${left:+: $left}"
done_testing
