#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""sbx on a terminal: the sandbox has one of its own, of the same size, that follows a resize; keys are signals inside; ^Z
stops sbx and SIGCONT continues it; at the end the caller's terminal is as before. TAP; $SBX is the program."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

SBX = os.environ["SBX"]
count = failed = 0


def ok(good, name):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)


class Session:
    """A command on a new terminal, as the session's leader, in its own process group: what a shell would make of it."""

    def __init__(self, *command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(command[0], command)
        self.text = b""

    def read_until(self, wanted, seconds=10):
        end = time.monotonic() + seconds
        while wanted not in self.text and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    data = os.read(self.fd, 4096)
                except OSError:
                    break
                if not data:
                    break
                self.text += data
        found = wanted in self.text
        if found:
            self.text = self.text[self.text.index(wanted) + len(wanted):]
        return found

    def size(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def write(self, data):
        os.write(self.fd, data)

    def mode(self):
        return termios.tcgetattr(self.fd)[:4]

    def status(self, seconds=10, options=0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG | options)
            if pid:
                return status
            self.read_until(b"\0nothing\0", 0.1)
        return None


s = Session(SBX, "sh", "-c", 'tty; stty size; trap "stty size; echo RESIZED" WINCH; echo READY; '
            'while ! read -r line; do :; done; echo "GOT $line"; exit 5')
before = s.mode()
s.size(33, 99)
ok(s.read_until(b"/dev/pts/"), "the terminal inside is one of the sandbox's own /dev/pts")
ok(s.read_until(b"READY"), "the program runs")
ok(s.mode() != before, "the caller's terminal is raw meanwhile")
s.size(44, 111)
ok(s.read_until(b"44 111"), "a resize reaches the terminal inside")
s.write(b"hello\r")
ok(s.read_until(b"GOT hello"), "what is typed arrives")
status = s.status()
ok(status is not None and os.waitstatus_to_exitcode(status) == 5, "the exit status comes through")
ok(s.mode() == before, "the caller's terminal is as before")

s = Session(SBX, "sh", "-c", 'trap "echo INTERRUPTED; exit 6" INT; echo READY; while :; do sleep 0.1; done')
s.read_until(b"READY")
s.write(b"\x03")
ok(s.read_until(b"INTERRUPTED"), "^C is a signal inside, and only there")
status = s.status()
ok(status is not None and os.waitstatus_to_exitcode(status) == 6, "and the program decides how it ends")

# job control needs a shell-like parent in the same session: a small one
leader = 'import os,sys,signal,termios\n' \
    'pid=os.fork()\n' \
    'if pid==0:\n signal.signal(signal.SIGTTOU,signal.SIG_IGN); os.setpgid(0,0); os.tcsetpgrp(0,os.getpid()); signal.signal(signal.SIGTTOU,signal.SIG_DFL); os.execv(sys.argv[1],sys.argv[1:])\n' \
    'signal.signal(signal.SIGTTOU,signal.SIG_IGN)\n' \
    '_,st=os.waitpid(pid,os.WUNTRACED)\n' \
    'print("STOPPED" if os.WIFSTOPPED(st) else "ENDED",flush=True)\n' \
    'echo=termios.tcgetattr(0)[3]&termios.ECHO\n' \
    'print("COOKED" if echo else "RAW",flush=True)\n' \
    'os.tcsetpgrp(0,pid); os.kill(-pid,signal.SIGCONT)\n' \
    '_,st=os.waitpid(pid,0)\n' \
    'os.tcsetpgrp(0,os.getpgrp())\n' \
    'print("STATUS",os.waitstatus_to_exitcode(st),flush=True)\n'
s = Session(sys.executable, "-c", leader, SBX, "sh", "-c", 'echo READY; read -r x; echo "GOT $x"; exit 7')
s.read_until(b"READY")
time.sleep(0.3)
s.write(b"\x1a")
ok(s.read_until(b"STOPPED"), "^Z stops sbx")
ok(s.read_until(b"COOKED"), "with the caller's terminal restored")
time.sleep(0.3)
s.write(b"again\r")
ok(s.read_until(b"GOT again"), "and SIGCONT continues the program")
ok(s.read_until(b"STATUS 7"), "to its end")
s.status()

# Stopped, by ^Z or by the command itself: what it has started goes on, and its limits count. The caller's shell has the
# terminal meanwhile, and as often as it says bg the command stops again.
leader = 'import os,sys,signal,time,termios\n' \
    'back=float(sys.argv[1])\n' \
    'pid=os.fork()\n' \
    'if pid==0:\n signal.signal(signal.SIGTTOU,signal.SIG_IGN); os.setpgid(0,0); os.tcsetpgrp(0,os.getpid()); signal.signal(signal.SIGTTOU,signal.SIG_DFL); os.execv(sys.argv[2],sys.argv[2:])\n' \
    'signal.signal(signal.SIGTTOU,signal.SIG_IGN)\n' \
    'os.waitpid(pid,os.WUNTRACED); os.tcsetpgrp(0,os.getpgrp()); mode=termios.tcgetattr(0); print("STOPPED",flush=True)\n' \
    'if back: time.sleep(back); os.kill(-pid,signal.SIGCONT)\n' \
    'end=time.monotonic()+8; got=(0,0)\n' \
    'while time.monotonic()<end and not got[0]: time.sleep(0.02); got=os.waitpid(pid,os.WNOHANG)\n' \
    'print("STATUS",os.waitstatus_to_exitcode(got[1]) if got[0] else "NONE",flush=True)\n' \
    'print("UNTOUCHED" if termios.tcgetattr(0)==mode else "CHANGED",flush=True)\n' \
    'if not got[0]: os.kill(pid,signal.SIGKILL)\n'
for back, options, command, name in (
        (0, "--wall-time=1s", "sleep 6 & kill -STOP $$", "the wall time of a command that stops itself counts"),
        (0.3, "--wall-time=1s", "sleep 6 & kill -STOP $$", "and when it is in the background"),
        (0, "--cpu-time=500ms", "(while :; do :; done) & kill -STOP $$", "its processor time does, too")):
    s = Session(sys.executable, "-c", leader, str(back), SBX, "--quiet", options, "sh", "-c", command)
    ok(s.read_until(b"STOPPED") and s.read_until(b"STATUS 124"), name)
    ok(s.read_until(b"UNTOUCHED"), "without a touch of the terminal")
    s.status()
s = Session(SBX, "--quiet", "--wall-time=1s", "sh", "-c", "kill -STOP $$")
status = s.status(5)
ok(status is not None and os.waitstatus_to_exitcode(status) == 124, "and where no shell is there that could continue it")
if status is None:
    os.kill(s.pid, signal.SIGKILL)
# What a shell does to end a stopped job.
leader = 'import os,sys,signal\n' \
    'pid=os.fork()\n' \
    'if pid==0:\n signal.signal(signal.SIGTTOU,signal.SIG_IGN); os.setpgid(0,0); os.tcsetpgrp(0,os.getpid()); signal.signal(signal.SIGTTOU,signal.SIG_DFL); os.execv(sys.argv[1],sys.argv[1:])\n' \
    'signal.signal(signal.SIGTTOU,signal.SIG_IGN)\n' \
    'os.waitpid(pid,os.WUNTRACED); os.tcsetpgrp(0,os.getpgrp())\n' \
    'os.kill(-pid,signal.SIGTERM); os.kill(-pid,signal.SIGCONT)\n' \
    'print("STATUS",os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]),flush=True)\n'
s = Session(sys.executable, "-c", leader, SBX, "--quiet", "sh", "-c", "kill -STOP $$; echo GOES ON")
ok(s.read_until(b"STATUS 143"), "a signal ends a stopped command in the background")
if s.status(1) is None:
    os.kill(s.pid, signal.SIGKILL)

s = Session(SBX, "--set=process.terminal=none", "sh", "-c", "tty || echo NOTTY; ls /dev/pts /dev/tty 2>&1; echo END")
ok(s.read_until(b"NOTTY"), "terminal = none: there is none inside")
s.status()

s = Session(SBX, "sh", "-c", "echo READY; sleep 100")
s.read_until(b"READY")
before = s.mode()
os.kill(s.pid, signal.SIGTERM)
s.status()
ok(termios.tcgetattr(s.fd)[3] & termios.ECHO, "a terminated sbx restores the terminal too")

# Only some of the standard streams are the terminal: what is written to each arrives there, and only there.
for terminals in (0,), (0, 1), (0, 2), (0, 1, 2), (1,), (2,), ():
    master, slave = pty.openpty()
    streams = [slave if fd in terminals else subprocess.DEVNULL if fd == 0 else subprocess.PIPE for fd in range(3)]
    p = subprocess.Popen([SBX, "sh", "-c", "echo out; echo err >&2; echo tty >/dev/tty"], stdin=streams[0], stdout=streams[1],
                         stderr=streams[2], start_new_session=True)
    piped = p.communicate(timeout=20)
    shown = b""
    while select.select([master], [], [], 0.2)[0]:
        shown += os.read(master, 4096)
    # without a terminal as input there is none inside, and sh says so
    wanted = [(1, b"out"), (2, b"err")] + ([(0, b"tty")] if 0 in terminals else [])
    ok(all((word in shown) == (fd in terminals) and (not fd or fd in terminals or word in piped[fd - 1])
           for fd, word in wanted), f"what is written arrives where streams {terminals} are the terminal")
    os.close(master)
    os.close(slave)

# Nobody takes what the program writes: limits and signals count all the same.
for name, options, send in (("the wall time limit", ["--wall-time=500ms"], None), ("SIGTERM", [], signal.SIGTERM)):
    master, slave = pty.openpty()
    p = subprocess.Popen([SBX, "--quiet", "--set=process.terminal=none", *options, "yes"],
                         stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    if send:
        p.send_signal(send)
    try:
        ok(p.wait(5) == (128 + send if send else 124), f"{name} ends a program whose terminal takes nothing")
    except subprocess.TimeoutExpired:
        ok(False, f"{name} ends a program whose terminal takes nothing")
        p.kill()
    os.close(master)
    os.close(slave)
# Nobody reads what is typed: the same.
s = Session(SBX, "--quiet", "--wall-time=2s", "sh", "-c", "stty raw -echo; echo READY; sleep 30")
s.read_until(b"READY")
os.set_blocking(s.fd, False)
end = time.monotonic() + 1
while time.monotonic() < end:
    try:
        s.write(b"x" * 1000)
    except BlockingIOError:
        time.sleep(0.01)
status = s.status()
ok(status is not None and os.waitstatus_to_exitcode(status) == 124, "the wall time limit ends a program that takes no input")
if status is None:
    os.kill(s.pid, signal.SIGKILL)
reader, writer = os.pipe()
p = subprocess.Popen([SBX, "sh", "-c", "yes | head -c 300000"], stdin=subprocess.DEVNULL, stdout=writer, stderr=writer)
time.sleep(0.5)
p.send_signal(signal.SIGTERM)
try:
    p.wait(5)
    ok(True, "a signal ends sbx, when the program has ended and nobody takes its output")
except subprocess.TimeoutExpired:
    ok(False, "a signal ends sbx, when the program has ended and nobody takes its output")
    p.kill()

print(f"1..{count}")
sys.exit(failed > 0)
