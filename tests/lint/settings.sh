#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One table of settings: the manual, --help, the completions and `sbxctl profile keys` have each of its rows, and no others.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder

# What the table itself says, without the help of the programs.
rows() {
	sed -n 's/^S(\([a-z0-9]*\), \([a-z0-9-]*\), .*/\1.\2/p' "$SRCDIR/src/policy/settings.def"
}
shorthands() {
	sed -nE 's/^S\([^,]*, [^,]*, [^,]*, [A-Z]*, [01], ("[^"]*"|NULL), ("[^"]*"|NULL), "([a-z0-9-]+)", .*/\3/p' \
		"$SRCDIR/src/policy/settings.def"
}
LC_ALL=C
export LC_ALL
rows | sort >"$T/rows"
shorthands | sort >"$T/shorthands"
[ "$(wc -l <"$T/rows")" = "$(grep -c '^S(' "$SRCDIR/src/policy/settings.def")" ] && [ -s "$T/shorthands" ]
ok $? "the table is read: $(wc -l <"$T/rows") rows, $(wc -l <"$T/shorthands") shorthands"

"${SBXCTL:?}" profile keys >"$T/keys" 2>"$T/err"
ok $? "sbxctl profile keys"
grep -oE '^[[:space:]]*[a-z0-9]+\.[a-z0-9-]+' "$T/keys" | tr -d ' \t' | sort >"$T/listed"
cmp -s "$T/rows" "$T/listed"
ok $? "sbxctl profile keys lists each row once, and no other"
note "$(diff "$T/rows" "$T/listed")"

"$SBXCTL" profile keys --format=json >"$T/keys.json" 2>"$T/err"
ok $? "sbxctl profile keys --format=json"
python3 - "$T/keys.json" >"$T/listed" 2>"$T/err" <<'PYTHON'
import json, sys
keys = json.load(open(sys.argv[1]))
keys = keys["keys"] if isinstance(keys, dict) else keys
print("\n".join(sorted(k["section"] + "." + k["key"] for k in keys)))
PYTHON
cmp -s "$T/rows" "$T/listed"
ok $? "as JSON, too"
note "$(diff "$T/rows" "$T/listed")"

"${SBX:?}" --help >"$T/help" 2>&1
ok $? "sbx --help"
# an option whose every value is refused in this version is not advertised
sed -nE 's/^S\(.*, "([a-z0-9-]+)", "", "[^"]*"\)$/\1/p' "$SRCDIR/src/policy/settings.def" >"$T/later"
missing=
while read -r name; do
	grep -qx -- "$name" "$T/later" && continue
	grep -qE -- "(^|[^a-z-])--$name([^a-z-]|\$)" "$T/help" || missing="$missing --$name"
done <"$T/shorthands"
[ -z "$missing" ]
ok $? "--help has each shorthand${missing:+, but not:$missing}"
extra=
grep -oE -- '(^|[^a-z-])--[a-z][a-z-]*' "$T/help" | grep -oE '[a-z][a-z-]*$' | sort -u >"$T/options"
while read -r name; do
	case $name in profile | set | explain | name | detach | join | batch | slots | slot-cpus | grace | quiet | verbose | help | version) continue ;; esac
	grep -qx -- "$name" "$T/shorthands" || extra="$extra --$name"
done <"$T/options"
[ -z "$extra" ]
ok $? "--help has no other option${extra:+, but:$extra}"
[ "$(awk '{ if (length($0) > 80) n++ } END { print n + 0 }' "$T/help")" = 0 ]
ok $? "--help fits 80 columns"

manual=${SBX%/bin/sbx}/share/man/man5/sbx-profile.5
[ -s "$manual" ]
ok $? "sbx-profile(5) is installed"
sed 's/\\-/-/g' "$manual" >"$T/manual"
missing=
while IFS=. read -r section key; do
	awk -v section="$section" -v key="$key" '
		/^\.(SS|Ss|SH|Sh) / { inside = index($0, section) > 0 }
		/^\.(TP|It|B|BI|Ic|Cm|IP|Pa)/ || in_head { if (inside && index($0, key)) found = 1 }
		{ in_head = /^\.TP/ }
		END { exit !found }' "$T/manual" || missing="$missing $section.$key"
done <"$T/rows"
[ -z "$missing" ]
ok $? "sbx-profile(5) has each key under its section${missing:+, but not:$missing}"

for file in bash-completion/completions/sbx zsh/site-functions/_sbx fish/vendor_completions.d/sbx.fish; do
	missing=
	while read -r name; do
		grep -qE -- "(^|[^a-z-])(--|-l )$name([^a-z-]|\$)" "${SBX%/bin/sbx}/share/$file" || missing="$missing $name"
	done <"$T/shorthands"
	[ -z "$missing" ]
	ok $? "$file has each shorthand${missing:+, but not:$missing}"
	missing=
	while read -r name; do
		grep -qF -- "$name" "${SBX%/bin/sbx}/share/$file" || missing="$missing $name"
	done <"$T/rows"
	[ -z "$missing" ]
	ok $? "$file has each key for --set${missing:+, but not:$missing}"
done
done_testing
