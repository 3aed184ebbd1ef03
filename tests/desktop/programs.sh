#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs of every day, each under the profile that its name chooses: viewers and a player see the file that they are
# called with and nothing beside it, interpreters run without a network, download tools write the working directory.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool import python3 || skip_all "$missing is not installed"
start_display
work=$T/work

# as_profile NAME: the report of the last run says this profile
as_profile() {
	tr -d ' \n' <"$T/run/report.json" 2>/dev/null | grep -q "\"profile\":\[\"$1\"\]"
}

# run_sbx COMMAND...: its status in $status, both outputs in $output
run_sbx() {
	rm -f "$T/run/report.json"
	output=$(run_x "$SBX" --report="$T/run/report.json" -- "$@" 2>&1 </dev/null)
	status=$?
}

# prints PROFILE TEXT NAME COMMAND...: it ends well under this profile and prints the text
prints() {
	want_profile=$1 want=$2 name=$3
	shift 3
	if ! need "$1"; then
		skip "$name" "$1 is not installed"
		return
	fi
	run_sbx "$@"
	[ "$status" = 0 ] && [ "$output" = "$want" ] && as_profile "$want_profile"
	ok $? "$name"
	if [ "$status" != 0 ] || [ "$output" != "$want" ]; then note "status $status: $output"; fi
}

# --- files: a picture and a document, each with a name of its own, and one beside them that nobody named ---
as_user python3 -c 1 2>/dev/null || PATH=/usr/bin:/bin:$PATH # an interpreter that only root can start is of no use
as_user python3 "$SRCDIR/tests/desktop/papers.py" "$work"
as_user sh -c 'echo "NOT NAMED" >"$1/beside.txt"' - "$work"

# --- windows ---
# window PROGRAM PROFILE TITLE ARGUMENT...: it shows a window of this title, and the red of the file; its processes see
# the file that was named, and not the one beside it
window() {
	program=$1 want_profile=$2 title=$3
	shift 3
	if ! need "$program"; then
		skip "$program shows its file" "it is not installed"
		return
	fi
	rm -f "$T/run/report.json"
	start_x "$SBX" --report="$T/run/report.json" -- "$program" "$@"
	wait_for 15 shows_or_ended "$title"
	shows "$title" && wait_for 2 red
	shown=$?
	ok $shown "$program shows its file (${red:-0} red pixels)"
	[ $shown = 0 ] || note_file "$T/err"
	sees=$(seen_by "$started")
	[ "$sees" = "$named " ]
	ok $? "$program sees the file that it was called with, and none beside it: $sees"
	end_of "$started"
	as_profile "$want_profile" && [ -z "$(kept_of "$started")" ]
	ok $? "$program ran under the profile $want_profile, and nothing is left"
}

red() {
	picture "$T/picture"
	read -r _ red _ _ <<-END
		$(python3 "$SRCDIR/tests/desktop/look.py" "$T/picture")
	END
	between 2000 "${red:-0}" 1000000
}

# What of the working directory the last process of the sandbox sees, asked through its root: root may enter it, and so
# may the user who made its namespaces.
seen_by() {
	last=$(tree "$1" | tail -n 1)
	find "/proc/${last:-none}/root$work" -mindepth 1 -maxdepth 1 -printf '%f ' 2>/dev/null
}

named=red.png
window feh viewer red.png "$named"
named="a paper's 1.pdf"
window mupdf viewer "a paper's 1.pdf|A PAPER" "$named"
window evince viewer "a paper's 1.pdf|A PAPER" "$named"
named=red.png
window mpv player red.png --no-config --vo=x11 --ao=null --image-display-duration=inf "$named"

[ "$(cat "$work/beside.txt")" = "NOT NAMED" ]
ok $? "control: outside, the file beside them can be read"
run_x "$SBX" --profile=viewer -- cat "$work/beside.txt" >"$T/out" 2>&1
ok $? "control: a viewer that is called with it sees it"
for named in red.png ./missing.png; do
	look="[ ! -s \"\$1\" ] || echo FOUND; cat '$work/beside.txt' '$secret'; ls -a '$work'"
	run_x "$SBX" --profile=viewer -- sh -c "$look" - "$named" >"$T/out" 2>&1 </dev/null
	found=$(grep -c FOUND "$T/out")
	[ "$found" = "$([ ! -e "$work/$named" ]; echo $?)" ] && grep -q 'beside.txt.*No such' "$T/out" &&
		grep -q "$secret.*No such" "$T/out" && ! grep -qE 'NOT NAMED|SECRET|^beside' "$T/out"
	ok $? "a viewer that is called with $named sees neither the file beside it nor the secret in the home"
done

# --- interpreters: the working directory can be read, not written; no network ---
python='
import os, socket
print(open("beside.txt").read().strip())
for what in (lambda: open("made", "w"), lambda: socket.create_connection(("127.0.0.1", int(os.sys.argv[1])), 2)):
    try:
        what()
        print("done")
    except OSError as error:
        print(error.errno)'
python3 "$SRCDIR/tests/desktop/serve.py" "$work" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"
port=$(cat "$T/port")
prints python "NOT NAMED
30
111" "python3 reads its folder, can't write it, and reaches no server of the host" python3 -c "$python" "$port"

# shellcheck disable=SC2016
node='
const fs = require("fs"), net = require("net");
console.log(fs.readFileSync("beside.txt", "utf8").trim());
try { fs.writeFileSync("made", ""); console.log("done"); } catch (e) { console.log(e.code); }
const s = net.connect(Number(process.argv[1]), "127.0.0.1", () => { console.log("done"); s.end(); });
s.on("error", e => console.log(e.code));'
prints node "NOT NAMED
EROFS
ECONNREFUSED" "node does the same" node -e "$node" "$port"

if need java javac; then
	cat >"$T/Main.java" <<-'END'
		import java.nio.file.*;
		public class Main {
			public static void main(String[] a) throws Exception {
				System.out.println(Files.readString(Path.of("beside.txt")).trim());
				try {
					Files.writeString(Path.of("made"), "");
					System.out.println("done");
				} catch (java.io.IOException e) {
					System.out.println("not written");
				}
				try {
					new java.net.Socket("127.0.0.1", Integer.parseInt(a[0])).close();
					System.out.println("done");
				} catch (java.io.IOException e) {
					System.out.println("not connected");
				}
			}
		}
	END
	as_user cp "$T/Main.java" "$work/"
	rm -f "$T/run/report.json"
	output=$(run_x "$SBX" --report="$T/run/report.json" --rw="$work" -- javac Main.java 2>&1)
	[ -s "$work/Main.class" ] && as_profile java
	ok $? "javac compiles where its caller lets it write"
	[ -z "$output" ] || note "$output"
fi
prints java "NOT NAMED
not written
not connected" "java runs what javac made" java -cp . Main "$port"

# --- download tools: the network, and the working directory is written ---
cp "$SRCDIR/tests/desktop/page.html" "$work/page.html"
url=http://127.0.0.1:$port/page.html
prints download "" "curl downloads" curl -sS -o by-curl "$url"
prints download "" "wget downloads" wget -q -O by-wget "$url"
for tool in curl wget; do
	need "$tool" || continue
	cmp -s "$work/page.html" "$work/by-$tool" && [ "$(stat -c %u "$work/by-$tool")" = "$TEST_UID" ]
	ok $? "$tool wrote the page into the working directory, as the user"
done
done_testing
