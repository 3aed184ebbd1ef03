#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sound: what is played in a sandbox reaches the host's sound server, and a client of that does there no more than this. The
# server is a real one, which plays to nowhere (quiet) and records a tone of 440 Hz (mic).
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

need pulseaudio pactl paplay parec python3 || skip_all "$missing is not installed"
test_folder
as_user true || skip_all "no ordinary user"
mkdir "$T/run" "$T/none" "$T/home" && chmod 700 "$T/run" "$T/none"
chown "$TEST_UID:$TEST_GID" "$T/run" "$T/none" "$T/home"
E="env -i PATH=/usr/bin:/bin HOME=$T/home USER=$TEST_NAME XDG_RUNTIME_DIR=$T/run"
in_env() {
	# shellcheck disable=SC2086
	(cd "$T" && as_user $E "$@")
}
# start COMMAND...: the pid that is left, in $started, is that of the command itself
start() {
	(
		cd "$T" || exit 99
		# shellcheck disable=SC2086
		[ "$(id -u)" != 0 ] || exec setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups $E "$@"
		# shellcheck disable=SC2086
		exec $E "$@"
	) &
	started=$!
}
start pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --log-target=stderr -L module-native-protocol-unix \
	-L 'module-null-sink sink_name=quiet' -L 'module-sine-source source_name=mic frequency=440' -L module-filter-heuristics -L module-filter-apply >"$T/server" 2>&1
server=$started
trap 'kill $server 2>/dev/null; rm -rf "$T"' EXIT
wait_for 10 in_env pactl info >/dev/null 2>&1
ok $? "a sound server is there"

python3 - "$T/tone.wav" <<'END'
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as f:
    f.setparams((1, 2, 44100, 0, "NONE", ""))
    f.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(i * 2 * math.pi * 660 / 44100))) for i in range(48000)))
END
# hertz FILE: of raw samples, s16le of one channel with 44,100 in a second; where it is loud
hertz() {
	python3 - "$1" <<'END'
import array, sys
s = array.array("h", open(sys.argv[1], "rb").read()[: (1 << 20) * 2])
loud = [i for i, v in enumerate(s) if abs(v) > 2000]
s = s[loud[0]: loud[-1]] if loud else []
print(round(sum(a < 0 <= b for a, b in zip(s, s[1:])) * 44100 / len(s)) if len(s) > 10000 else 0)
END
}
raw="--raw --format=s16le --channels=1 --rate=44100"
in_box() { in_env "$SBX" --set=desktop.sound=play --ro="$T/tone.wav" --ro="$SRCDIR/tests/run/sound.py" -- "$@"; }
plain="--ro=$T/run/pulse/native --env=PULSE_SERVER=unix:$T/run/pulse/native"

# --- what it is for ---
# shellcheck disable=SC2086
start parec $raw -d quiet.monitor --latency-msec=50 >"$T/heard" 2>/dev/null
recorder=$started
sleep 0.5
in_box paplay "$T/tone.wav" >"$T/out" 2>&1 &
player=$!
streams() { in_env pactl list short sink-inputs | grep -q protocol-native; }
wait_for 5 streams
ok $? "the host sees the stream of the sandbox"
wait $player
ok $? "what is played in the sandbox is played to its end"
sleep 0.3
kill $recorder
between 655 "$(hertz "$T/heard")" 665
ok $? "and it is the tone that was played: $(hertz "$T/heard") Hz"
[ -z "$(ls "$T/run/sbx.services")" ]
ok $? "nothing is left of the filter"

# --- a module writes a file of the host: T-S ---
module="load-module module-pipe-sink file=$T/home"
# shellcheck disable=SC2086
in_env "$SBX" $plain -- pactl $module/escaped >"$T/out" 2>&1
[ -p "$T/home/escaped" ]
ok $? "control: with the plain socket a module is loaded from inside, and makes a file of the host"
# shellcheck disable=SC2086
in_box pactl $module/filtered >"$T/out" 2>&1
[ $? = 1 ] && grep -q 'Access denied' "$T/out" && [ ! -e "$T/home/filtered" ]
ok $? "through the filter it is refused: $(cat "$T/out")"

# By a property of a stream, as PulseAudio is set up by default, a file is loaded into the server that a program has made.
cat >"$T/code.c" <<END
#include <fcntl.h>
__attribute__((constructor)) static void run(void)
{
	(void)open("$T/home/run", O_CREAT | O_WRONLY, 0600);
}
END
if gcc -shared -fPIC -o "$T/code.so" "$T/code.c" 2>"$T/err"; then
	property="paplay --property=filter.want=ladspa-sink"
	value="--property=filter.apply.ladspa-sink.parameters=plugin=$T/code.so label=x"
	# shellcheck disable=SC2086
	in_box $property "$value" "$T/tone.wav" >"$T/out" 2>&1 && [ ! -e "$T/home/run" ]
	ok $? "a stream whose properties load code of a sandbox into the server plays, and loads none"
	# shellcheck disable=SC2086
	in_env "$SBX" $plain --ro="$T/tone.wav" -- $property "$value" "$T/tone.wav" >"$T/out" 2>&1
	[ -e "$T/home/run" ]
	ok $? "control: with the plain socket the server runs it"
else
	skip "code in the server" "there is no gcc"
fi

# --- other programs ---
start pacat --volume=30000 --client-name=other /dev/zero
other=$started
wait_for 5 streams
number=$(in_env pactl list short sink-inputs | head -1 | cut -f1)
in_env pactl list sink-inputs | grep -q 'application.name = "other"' && [ -n "$number" ]
ok $? "control: outside, another program's stream is seen ($number)"
in_box sh -c "pactl list sink-inputs; pactl list clients; pactl list modules; pactl set-sink-input-volume ${number:-0} 10%; pactl kill-client 0" >"$T/out" 2>&1
! grep -qE 'other|protocol-native' "$T/out" && [ "$(grep -c 'Access denied' "$T/out")" = 2 ] && grep -q 'No such entity' "$T/out"
ok $? "inside, it can't be seen, nor its volume set; clients and modules are not told"
[ "$(in_env pactl list sink-inputs | grep -c '30000 /')" = 1 ]
ok $? "its volume is what it was"
in_box timeout 0.3 pactl subscribe >"$T/out" 2>&1
! grep -qE 'sink-input|client' "$T/out"
ok $? "and no event tells of it"
kill $other
in_box pactl info >"$T/out" && ! grep -qE "Name: ($TEST_NAME|$(hostname))" "$T/out"
ok $? "the names of the user and the host are not told"
in_box pactl set-sink-volume quiet 10% >"$T/out" 2>&1
[ $? = 1 ] && in_env pactl list sinks | grep -q 'Volume:.*65536 / 100%'
ok $? "the volume of the device can't be set"

# --- recording ---
# records OPTIONS: how many bytes come in a second, and the tone; with the sandbox's options in $with
records() {
	# shellcheck disable=SC2086
	in_env "$SBX" --set=desktop.sound="$with" -- timeout 1 parec $raw --latency-msec=50 "$@" >"$T/heard" 2>"$T/err"
	heard=$(hertz "$T/heard")
	bytes=$(wc -c <"$T/heard")
}
with=play
records -d mic
[ "$bytes" = 0 ] && grep -q 'Access denied' "$T/err"
ok $? "with sound = play nothing is recorded: $(cat "$T/err")"
[ -z "$(in_box pactl list short sources)" ]
ok $? "and no microphone is there"
with=record
records -d mic
between 430 "$heard" 450
ok $? "with sound = record the microphone is: $heard Hz"
for device in quiet.monitor @DEFAULT_MONITOR@ 0; do
	records -d "$device"
	[ "$bytes" = 0 ] && grep -q 'Access denied' "$T/err"
	ok $? "what other programs play is not recorded, as $device"
done
[ -z "$(in_env pactl list short source-outputs)" ]
ok $? "no such stream is left at the server"

# --- a client that does not behave ---
# hostile WHAT EXPECTED
hostile() {
	in_box timeout 60 python3 "$SRCDIR/tests/run/sound.py" "/run/user/$TEST_UID/pulse/native" "$1" >"$T/out" 2>&1
	[ "$(cat "$T/out")" = "$2" ]
	ok $? "$1: $(tail -1 "$T/out")"
}
hostile memory "shared memory in the answer: 0x0"
hostile every "answered 127 load-module refused True unknown refused True"
hostile descriptors "lives True fd is closed True"
hostile garbage "closed 9 of 9 the other lives True"
hostile twice closed
hostile many "served 16 later 2"
in_env python3 "$SRCDIR/tests/run/sound.py" "$T/run/pulse/native" memory >"$T/out" 2>&1
grep -q 'answer: 0x' "$T/out" && ! grep -q 'answer: 0x0$' "$T/out"
ok $? "control: the server itself offers shared memory: $(tail -n 1 "$T/out")"
# shellcheck disable=SC2016
in_box sh -c '
	python3 "$1" "$2" stuck </dev/zero >/dev/null 2>&1 &
	python3 "$1" "$2" stuck &
	sleep 1.5
	timeout 10 paplay "$3"; echo "played $?"
	kill %1 %2' - "$SRCDIR/tests/run/sound.py" "/run/user/$TEST_UID/pulse/native" "$T/tone.wav" >"$T/out" 2>&1 </dev/null
grep -q 'played 0' "$T/out"
ok $? "a client that never reads does not keep another one from playing"

# --- where it is missing ---
in_env XDG_RUNTIME_DIR="$T/none" "$SBX" --set=desktop.sound=play -- true 2>"$T/err"
[ $? = 125 ] && grep -q 'no sound server' "$T/err" && grep -q 'desktop.sound=no' "$T/err"
ok $? "without a server nothing starts: $(head -1 "$T/err")"
in_env PULSE_SERVER=tcp:somewhere "$SBX" --set=desktop.sound=play -- true 2>"$T/err"
[ $? = 125 ] && grep -q 'no server of this machine' "$T/err"
ok $? "nor with one elsewhere: $(head -1 "$T/err")"
# shellcheck disable=SC2086
in_env XDG_RUNTIME_DIR="$T/none" "$SBX" $EXTRA --profile=audio --report="$T/run/report" -- true 2>"$T/err" && tr -d '\n' <"$T/run/report" | grep -q '"degraded": *\[ *{[^}]*"sound"'
ok $? "the profile audio starts, and the report says what is missing"
in_env PULSE_SERVER="tcp:x {0123}unix:$T/run/pulse/native" "$SBX" --set=desktop.sound=play -- pactl info >"$T/out" 2>&1
ok $? "PULSE_SERVER may name more than one: the first of this machine is taken"
! in_env "$SBX" --rw="$T/run" -- sh -c "PULSE_SERVER=unix:$T/run/pulse/native pactl info" >"$T/out" 2>&1
ok $? "the plain socket is covered in a folder that is shown"

# What verify says, where the folder of the sockets is called inside as it is outside.
if [ "$(id -u)" = 0 ]; then
	# shellcheck disable=SC2016
	unshare -m sh -c '
		mount -t tmpfs -o mode=755 none /run && mkdir -p "/run/user/$1" && mount --bind "$2/run" "/run/user/$1" && cd "$2/home" && shift 2 &&
		exec "$@"' - "$TEST_UID" "$T" setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups \
		env -i PATH=/usr/bin:/bin HOME="$T/home" XDG_RUNTIME_DIR="/run/user/$TEST_UID" "${SBXCTL:?}" verify audio >"$T/out" 2>&1
	grep -q "^audio: no hole" "$T/out" && grep -q "granted .*can talk to /run/user/$TEST_UID/pulse/native" "$T/out"
	ok $? "verify sees that the filter is talked to, and no hole: $(tail -1 "$T/out")"
	grep -q "no hole" "$T/out" || note_file "$T/out"
else
	unavailable "verify" "it takes root to call the folder of the sockets as inside"
fi
done_testing
