#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl --json: each command, as root and as an ordinary user, prints what man/sbxctl.schema.json says, and nothing else.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for eval, or for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
python3 -c 'import jsonschema' 2>/dev/null || skip_all "python3-jsonschema is not installed"
test_folder
schema=${SBX%/bin/sbx}/share/sbx/sbxctl.schema.json

begin() {
	D=$T/$who
	mkdir "$D" "$D/run" "$D/json" "$D/work" "$D/config" "$D/config/sbx" "$D/config/sbx/profiles" "$D/rootfs" "$D/rootfs/etc"
	chmod 700 "$D/run"
	echo one >"$D/work/old"
	echo root >"$D/rootfs/etc/name"
	printf '[profile]\ndescription = wrong\n[limits]\nmemory = much\n' >"$D/config/sbx/profiles/wrong.ini"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	number=0
}
in_folders() {
	as env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" XDG_DATA_HOME="$D/data" XDG_CONFIG_HOME="$D/config" \
		XDG_DATA_DIRS="$D/share" XDG_CONFIG_DIRS="$D/share" XDG_BIN_HOME="$D/bin" "$@"
}
ctl() { in_folders "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { in_folders "$SBX" $EXTRA "$@"; }
# json STATUS KIND EXPRESSION WORD...: what the command prints has a list of that kind, its items are `i`, and the expression is
# true of them. All are looked at by one `judge`.
json() {
	status=$1 kind=$2 expression=$3
	shift 3
	number=$((number + 1))
	ctl "$@" --json >"$D/json/$number.out" 2>"$D/json/$number.err"
	echo $? >"$D/json/$number.status"
	printf '%s\n' "$status" "$kind" "$expression" "$*" >"$D/json/$number.what"
}
judge() {
	python3 - "$schema" "$D/json" "$number" >"$D/judged" 2>"$D/err" <<-'PYTHON'
		import json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft7Validator.check_schema(schema)
		validator = jsonschema.Draft7Validator(schema)
		for number in range(1, int(sys.argv[3]) + 1):
		    base = f"{sys.argv[2]}/{number}"
		    status, kind, expression, words = open(base + ".what").read().split("\n")[:4]
		    wrong = []
		    if open(base + ".status").read().strip() != status:
		        wrong.append("status " + open(base + ".status").read().strip() + ": " + open(base + ".err").read()[:300])
		    text = open(base + ".out").read()
		    try:
		        frames = [json.loads(line) for line in text.splitlines()] if words.split()[0] in ("top", "events") else [json.loads(text)]
		        for frame in frames:
		            wrong += [error.message[:300] for error in validator.iter_errors(frame)]
		            more = dict(frame, more=1)
		            if validator.is_valid(more):
		                wrong.append("control: a member more is not found")
		            for item in frame[kind][:1]:
		                if validator.is_valid(dict(frame, **{kind: [dict(item, more=1)]})):
		                    wrong.append("control: a field more is not found")
		        i = frames[-1][kind]
		        if not eval(expression, {"i": i, "top": frames[-1], "frames": frames}):
		            wrong.append(f"{expression} is false: {json.dumps(frames[-1])[:600]}")
		    except (ValueError, KeyError, IndexError, TypeError) as why:
		        wrong.append(f"{why!r}: {text[:300]}")
		    print("1" if wrong else "0", words, "#", "; ".join(wrong).replace("\n", " "))
	PYTHON
	ok $? "$who: the schema is one, and is looked at"
	[ ! -s "$D/err" ] || note_file "$D/err"
	while read -r result words; do
		ok "$result" "$who: ${words%%" #"*}"
		[ "$result" = 0 ] || note "${words#*"# "}"
	done <"$D/judged"
}

live() {
	json 0 sandboxes 'i == []' list
	json 1 sandboxes 'i[0]["error"] and len(i) == 1' inspect nobody
	sbx --detach --name=web --env=A=1 sh -c 'echo said; printf "\377"; while [ ! -e /tmp/end ]; do sleep 0.1; done; exit 3' >/dev/null
	sbx --detach --name=other sleep 60 >/dev/null
	sbx --detach --name=past sh -c 'echo said; kill -9 $$' >/dev/null
	wait_for 5 eval '! ctl list past >/dev/null 2>&1 && [ "$(ctl logs past)" = said ]'
	json 0 sandboxes '[x["name"] for x in i] == ["other", "web"] and i[1]["words"][0:2] == ["--detach", "--name=web"] and i[1]["since"] > 1e9' list
	json 0 sandboxes '[x["name"] for x in i] == ["web"] and i[0]["state"] == "running"' list we
	json 0 sandboxes '[(x["state"], x.get("status")) for x in i] == [("running", None), ("ended", 137), ("running", None)]' list --all
	json 0 sandboxes '[(x["ended"] >= x["since"], x["verdict"]) for x in i] == [(True, "signal")]' list --all past
	json 0 sandboxes 'i[0]["plan"][0]["step"] == 1 and i[0]["command"][0] == "sh" and i[0]["processes"] > 0' inspect web
	json 0 sandboxes 'len(i) == 2 and i[0]["plan"]' inspect --all
	json 0 sandboxes '[x["name"] for x in i] == ["other", "web"] and i[0]["memory_bytes"] > 0' stats
	json 0 sandboxes '[x["name"] for x in i] == ["web"]' stats we
	json 1 sandboxes 'i == []' stats nobody
	json 0 sandboxes 'len(frames) == 2 and "cpu_share" in i[0] and len(i) == 2' top
	json 0 sandboxes '[x["name"] for x in i] == ["web"]' top web
	json 0 sandboxes 'i[0]["log_base64"] == "c2FpZAr/"' logs web
	json 0 sandboxes '[(x["name"], x.get("log")) for x in i if x["name"] != "web"] == [("other", ""), ("past", "said\n")]' logs --all
	json 0 sandboxes '[x["done"] for x in i] == ["frozen", "frozen"]' freeze web other
	json 0 sandboxes '[x["done"] for x in i] == ["thawed", "thawed"]' thaw --all
	json 0 sandboxes 'i == [{"name": "other", "done": "signalled"}]' kill -s CONT other
	json 1 sandboxes '[("error" in x, "done" in x) for x in i] == [(True, False), (False, True)]' kill nobody other
	ctl exec web touch /tmp/end
	json 3 sandboxes 'i == [{"name": "web", "status": 3}]' wait we
	json 3 sandboxes '[x["status"] for x in i] == [3, 137]' wait web past
	sbx --detach --name=last sleep 60 >/dev/null
	json 0 sandboxes 'i == [{"name": "last", "done": "stopped"}]' stop --all --grace=1s
	json 0 sandboxes 'i == [{"name": "web", "done": "forgotten"}]' forget web
	json 0 sandboxes '[x["name"] for x in i] == ["last", "other", "past"]' forget --all
	events
}
events() {
	sbx --detach --name=early sleep 60 >/dev/null
	number=$((number + 1))
	in_folders sh -c 'echo $$ >"$1"; exec "$2" events --json early late' - "$D/pid" "$SBXCTL" >"$D/json/$number.out" 2>"$D/json/$number.err" &
	watches=$!
	wait_for 5 grep -q running "$D/json/$number.out"
	sbx --name=unseen true
	sbx --name=late true
	wait_for 5 grep -q '"ended"' "$D/json/$number.out"
	kill "$(cat "$D/pid")"
	wait "$watches" 2>/dev/null
	echo 0 >"$D/json/$number.status"
	printf '%s\n' 0 events \
		'[(f["events"][0]["event"], f["events"][0]["name"]) for f in frames] == [("running", "early"), ("started", "late"), ("ended", "late")]' \
		"events early late" >"$D/json/$number.what"
	ctl kill early
}

boxes() {
	json 0 boxes 'i == []' box list
	json 0 boxes 'i == [{"name": "one", "done": "created"}]' box create one --size=1M
	json 2 boxes '"size" in i[0]["error"]' box create two --size=1
	json 1 boxes 'i[0]["error"]' box create one
	json 0 boxes 'i == [{"name": "one", "done": "filled"}]' box put one "$D/work/old" "$D/rootfs"
	json 0 boxes 'i == [{"name": "one", "bytes": 9, "entry_count": 4}]' box list
	json 0 boxes '[f["path"] for f in i[0]["files"]] == ["old", "rootfs/", "rootfs/etc/", "rootfs/etc/name"]' box show one
	json 0 boxes 'i == [{"name": "one", "done": "copied"}]' box get one old -o "$D/got"
	json 1 boxes 'i[0]["error"]' box show two
	json 1 boxes '[list(x) for x in i] == [["name", "error"], ["name", "done"]]' box destroy two one
}

sessions() {
	json 0 sessions 'i == []' session list
	sbx --user=keep --overlay="$D/work" --session=one -- sh -c "echo two >$D/work/new; rm $D/work/old; mkfifo $D/work/fifo"
	json 0 sessions '[(x["name"], x["in_use"], x["change_count"]) for x in i] == [("one", False, 3)]' session list
	json 0 sessions 'len(i[0]["overlays"][0]["changes"]) == 3' session diff one
	json 1 sessions 'i[0]["error"]' session diff two
	json 0 sessions 'i[0]["done"] == "committed" and len(i[0]["refused"]) == 1 and "why" in i[0]["refused"][0]' session commit one
	json 1 sessions 'i[0]["error"]' session commit two
	json 1 sessions '[list(x) for x in i] == [["name", "done"], ["name", "error"]]' session discard one two
}

images() {
	json 0 images 'i == []' image list
	json 0 images 'i[0]["name"] == "root:latest" and i[0]["done"] == "imported" and i[0]["digest"]' image import "dir:$D/rootfs" root
	json 1 images 'i[0]["error"]' image import "$D/none"
	json 1 images 'i[0]["error"]' image pull "oci:$D/none"
	json 0 images 'i[0]["name"] == "true:latest" and i[0]["done"] == "packed" and i[0]["closure"]["totals"]["files"] > 0' image pack true
	json 1 images 'i[0]["error"]' image pack not-there
	json 0 images '[x["name"] for x in i] == ["root:latest", "true:latest"] and i[0]["layer_count"] == 1' image list
	json 0 images 'len(i[0]["layers"]) == 1 and i[0]["layers"][0]["folder"]' image inspect root
	json 1 images 'i[0]["error"]' image inspect none
	json 0 images 'i[0]["name"] == "again:latest" and i[0]["done"] == "tagged"' image tag root again
	json 1 images 'i[0]["error"]' image tag none again
	json 0 images '[x["done"] for x in i] == ["verified"] * 3' image verify
	json 1 images '[list(x) for x in i] == [["name", "done"], ["name", "error"]]' image verify root none
	json 0 images 'i[0]["done"] == "exported"' image export root "oci:$D/exported"
	json 1 images 'i[0]["error"]' image export root "oci:$D/exported"
	json 0 images '[x["name"] for x in i] == ["again:latest", "root:latest"] and top["collected"]["layer_count"] == 1' image remove again root
	json 0 images 'i == [] and top["collected"]["bytes"] == 0' image gc
}

homes() {
	json 0 homes 'i == []' home list
	sbx -p default --home=private -- sh -c 'cd && echo x >"$(printf "\377")" && mkdir -p .config/app && echo x >.config/app/y'
	json 0 homes '[(x["name"], x["entries"], x["sandboxes"]) for x in i] == [("default", 4, [])]' home list
	json 0 homes 'sorted(p.get("path", "?") for p in i[0]["parts"]) == [".config/app", "?"]' home show
	json 1 homes 'i[0]["error"]' home show none
	json 1 homes '[list(x) for x in i] == [["name", "done"], ["name", "error"]]' home reset default none --yes
}
profiles() {
	json 0 profiles 'any(x["name"] == "default" and x["errors"] == [] for x in i) and any(x["name"] == "wrong" and x["errors"] for x in i)' profile list
	json 0 profiles 'any(v["key"] == "view" and v["value"] == "system" for v in i[0]["values"])' profile show default
	json 1 profiles '"memory" in i[0]["errors"][0] and i[0]["values"] == []' profile show wrong
	json 1 profiles '[bool(x["errors"]) for x in i] == [False, True]' profile check default wrong
	json 0 keys 'any(k["section"] == "filesystem" and k["key"] == "view" for k in i)' profile keys
	json 125 profiles '[x["verdict"] for x in i] == ["unverified"] and i[0]["error"]' verify wrong
	ctl doctor >"$D/doctor"
	json $? findings 'len(i) == '"$(grep -vc '^ *fix:' "$D/doctor")" doctor
	json $? findings 'any(x["layer"] == "turbo" for x in i)' doctor --grading
}

entries() {
	mkdir -p "$D/share/applications"
	printf '[Desktop Entry]\nType=Application\nExec=evince %%u\n' >"$D/share/applications/one.desktop"
	printf '[Desktop Entry]\nType=Application\nExec=nobody %%u\n' >"$D/share/applications/two.desktop"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D/share"
	json 0 entries '[(x["name"], x["kind"], x["program"], x["profile"], x["state"]) for x in i] == [("one.desktop", "entry", "evince", "viewer", "off")]' desktop list
	json 0 entries '[x["name"] for x in i] == ["one.desktop", "two.desktop"] and "nobody" in i[1]["why"]' desktop list --all
	json 0 entries 'i == [{"name": "one.desktop", "done": "enabled", "kind": "entry", "profile": "viewer"}]' desktop enable --all
	json 0 entries '[(x["state"], x["why"]) for x in i] == [("enabled", None)] and i[0]["source"].endswith("/share/applications/one.desktop")' desktop status
	json 1 entries '[list(x) for x in i] == [["name", "done", "kind", "profile"], ["name", "error"]]' desktop enable two one
	json 0 findings 'any(x["layer"] == "entry" and x["state"] == "ok" for x in i)' doctor --desktop
	json 0 findings 'all(x["state"] != "missing" for x in i)' doctor --desktop --fix
	json 0 entries '[x["done"] for x in i] == ["disabled"]' desktop disable --all
	json 1 entries 'i[0]["error"]' desktop disable three
}

for who in $CALLERS; do
	begin
	live
	boxes
	sessions
	homes
	if [ -x "${SBX%/bin/sbx}/libexec/sbx/sbx-archive" ]; then images; else skip "$who: image" "this sbx was built without images"; fi
	profiles
	entries
	judge
	for word in "box run" exec pair generate; do
		# shellcheck disable=SC2086 # two words
		! ctl $word --json >"$D/out" 2>"$D/err" && [ ! -s "$D/out" ]
		ok $? "$who: $word has no JSON"
	done
done
nothing_left
done_testing
