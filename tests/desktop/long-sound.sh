#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sound of real programs, each under its profile: their streams reach the sound server through the filter. tests/run/sound.sh
# is about what must not.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool import python3 pulseaudio pactl || skip_all "$missing is not installed"
start_display
work=$T/work

# A tone of ten seconds, and a page that plays it when it is clicked at.
as_user python3 - "$work" <<'END'
import math, struct, sys, wave
with wave.open(sys.argv[1] + "/tone.wav", "wb") as f:
    f.setparams((1, 2, 44100, 0, "NONE", ""))
    f.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(i * 2 * math.pi * 660 / 44100))) for i in range(441000)))
with open(sys.argv[1] + "/page.html", "w") as f:
    f.write("""<title>SOUND-PAGE</title><body style="background:#204080;height:800px"><audio id=a src=tone.wav loop></audio>
<script>onclick = () => a.play(); a.onplaying = () => document.title = 'SOUND-PLAYS'</script>""")
END
start_x pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no -L module-native-protocol-unix -L 'module-null-sink sink_name=quiet'
wait_for 10 run_x pactl info >"$T/info" 2>&1
ok $? "a sound server is there"

# plays NAME: a stream of a program with this name is at the server, and moves on
plays() {
	run_x pactl list sink-inputs >"$T/streams" 2>/dev/null
	grep -q "application.name = \"$1" "$T/streams" && grep -q 'Corked: no' "$T/streams"
}
gone() {
	! run_x pactl list sink-inputs 2>/dev/null | grep -q application.name
}
# sounds PROGRAM NAME ARGUMENT...
sounds() {
	program=$1 name=$2
	shift 2
	if ! need "$program"; then
		skip "$program plays" "it is not installed"
		return
	fi
	start_x "$SBX" "$@"
	wait_for 20 plays "$name"
	ok $? "$program plays: $(grep -E 'application.name' "$T/streams" | tr -d '\t')"
	grep -q "application.name" "$T/streams" || note_file "$T/err"
	end_of "$started"
	wait_for 5 gone && [ -z "$(kept_of "$started")" ]
	ok $? "its stream ends with it, and nothing is left"
}
sounds mpv mpv -- mpv --no-config --vo=null --ao=pulse tone.wav
sounds vlc VLC -- vlc -I dummy --aout=pulse tone.wav
sounds ffplay ffplay --profile=audio --env=SDL_AUDIODRIVER=pulseaudio -- ffplay -nodisp -loglevel error tone.wav

# A browser, which asks the server for more than it needs: devices that come and go, microphones.
python3 "$SRCDIR/tests/desktop/serve.py" "$work" "$T/port" >"$T/http.log" 2>&1 &
pids="$pids $!"
wait_for 10 test -s "$T/port"
# clicked: clicks into the page until it says that it plays: the first ones may come before it listens
clicked() {
	run_x xdotool mousemove 500 500 click 1
	sleep 0.5
	shows "SOUND-PLAYS"
}
browse() {
	program=$1 name=$2
	shift 2
	if ! need "$program"; then
		skip "$program plays" "it is not installed"
		return
	fi
	start_x "$SBX" -- "$program" "$@" "http://127.0.0.1:$(cat "$T/port")/page.html"
	wait_for 40 shows_or_ended "SOUND-PAGE"
	wait_for 15 clicked
	ok $? "$program: the page says that it plays"
	wait_for 5 plays "$name"
	ok $? "and so does the server: $(grep -E 'application.name' "$T/streams" | tr -d '\t')"
	end_of "$started"
	wait_for 5 gone && [ -z "$(kept_of "$started")" ]
	ok $? "its stream ends with it, and nothing is left"
}
browse firefox-esr "Firefox" --no-remote --new-instance
browse chromium "Chromium" --no-first-run --disable-background-networking --disable-component-update --disable-sync --password-store=basic
done_testing
