# SPDX-License-Identifier: LGPL-2.1-or-later
"""One run under the common settings of the test corpus, what it must have been, and what must be after it."""
import collections
import json
import os
import re
import subprocess
import threading
import time

SLOW = float(os.environ.get('SBX_TEST_SLOW', '1'))
LONG = os.environ.get('GRADING_LONG') == '1'
T = os.environ.get('T', '')
BIN = T + '/bin'
G, A = BIN + '/grading', BIN + '/attack'
ROOT = os.geteuid() == 0
UID, GID = int(os.environ.get('TEST_UID', '0')), int(os.environ.get('TEST_GID', '0'))
LIMIT_ENDS = {'cpu-time': 124, 'wall-time': 124, 'memory': 123, 'output': 123}
LATE = 0.05  # what a result may come after its limit
TURNS = 3  # those that have to get a processor, one after the other, until a result is there: monitor, init, monitor
NAMES = {'R': 'root', 'U': 'user', 'G': 'gated', 'B': 'bare'}


class Metronome(threading.Thread):
    """The control of all times: sleeps 5 ms, again and again, and knows how late it woke up. Where other work holds the
    processors, a monitor is as late, and is not to blame."""

    def __init__(self):
        super().__init__(daemon=True)
        self.late = collections.deque(maxlen=20000)

    def run(self):
        while True:
            begin = time.monotonic()
            time.sleep(0.005)
            end = time.monotonic()
            self.late.append((begin, end, end - begin - 0.005))

    def worst(self, began):
        return max((late for _, end, late in list(self.late) if end >= began), default=0)


METRONOME = Metronome()


class Start:
    """What the start and the end of a program cost here, without a sandbox: the slowest of five."""

    cost = 0.0

    @classmethod
    def measure(cls):
        for _ in range(5):
            began = time.monotonic()
            subprocess.run([G, 'say'], stdout=subprocess.DEVNULL, check=True)
            cls.cost = max(cls.cost, time.monotonic() - began)


def excused(result):
    return TURNS * METRONOME.worst(result.began) if METRONOME.is_alive() else 0


class Mode:
    """Who runs sbx, and how: root; user, without privilege; gated, by a setuid sbx; bare, where no namespace can be made."""

    def __init__(self, letter):
        self.letter, self.name = letter, NAMES[letter]
        self.sbx = os.environ['SBX_GATED' if letter == 'G' else 'SBX']
        self.prefix = []
        self.groups = letter == 'R' or letter == 'U' and bool(os.environ.get('VERDICT_CGROUP'))
        if letter == 'B':
            self.prefix = os.environ['FORBID'].split()
        self.weaker = [] if self.groups else ['--memory=', '--best-effort=limits']
        self.needed = os.environ.get('EXTRA', '').split()
        if letter == 'B':
            self.needed += ['--best-effort=namespaces']
        if letter in 'GB':
            self.needed += ['--user=keep']

    def user(self):
        return {} if self.letter in 'RB' or not ROOT else {'user': UID, 'group': GID, 'extra_groups': []}

    def environment(self, mark):
        env = {k: v for k, v in os.environ.items() if not k.startswith('XDG_') and not k.startswith('SBX_')}
        env.update(SBX_TEST_MARK=mark, HOME=T + '/home', SECRET_OF_GRADER='SECRET')
        return env


class Slot:
    """A folder of the caller's own, in which one run follows another."""

    def __init__(self, mode, name):
        self.mode = mode
        self.work = f'{T}/{mode.name}/{name}'
        self.mark = f'{os.getpid()}.{mode.name}.{name}'
        os.makedirs(self.work)
        self.number = 0
        self.give(self.work)

    def give(self, path):
        if self.mode.letter != 'R' and ROOT:
            os.chown(path, UID, GID)

    def file(self, name, text, mode=0o644):
        path = f'{self.work}/{name}'
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        self.give(path)
        return path


class Result:
    def field(self, path):
        value = self.report
        for key in path.split('.'):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def __str__(self):
        return (f'{self.field("verdict")}, status {self.status}, signal {self.field("signal")}, '
                f'cpu {self.field("time.cpu_s")}, wall {self.field("time.wall_s")}, elapsed {self.elapsed:.3f}, '
                f'peak {self.field("memory.peak_bytes")}: {self.out[:200]!r} {self.err[:400]!r}')


def option(key, value):
    return f'--set={key}={value}'


def command(slot, words, options=(), weaker=True, cpu=None, wall=None, profile='grader', report='report'):
    """The words of a run. Times that are not given are those of the profile, and longer on a slow machine."""
    mode = slot.mode
    times = [option('limits.cpu-time', f'{cpu or 1 * SLOW:.4f}s'), option('limits.wall-time', f'{wall or 3 * SLOW:.4f}s')]
    own = [] if mode.letter == 'B' or profile != 'grader' else [option('limits.open-files', 64)]
    told = [f'--report={slot.work}/{report}'] if report else []
    return (mode.prefix + [mode.sbx, f'--profile={profile}', f'--ro={BIN}'] + told + mode.needed
            + (mode.weaker if weaker else []) + own + times + list(options) + ['--'] + words)


def start(slot, words, **how):
    popen = {key: how.pop(key) for key in ('stdin', 'stdout', 'stderr', 'pass_fds', 'before', 'env') if key in how}
    before, more = popen.pop('before', []), popen.pop('env', {})
    popen = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **popen}
    env = slot.mode.environment(slot.mark)
    env.update(more)
    return subprocess.Popen(before + command(slot, words, **how), cwd=slot.work, env=env, **popen, **slot.mode.user())


def finish(slot, process, began, report='report'):
    result = Result()
    result.began = began
    try:
        out, err = process.communicate(timeout=60 * SLOW)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err = (err or b'') + b' (it came to no end)'
    result.elapsed = time.monotonic() - began
    result.status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    result.out, result.err = (out or b'').decode(errors='replace'), (err or b'').decode(errors='replace')
    result.pid = process.pid
    try:
        with open(f'{slot.work}/{report}', encoding='utf-8') as f:
            result.report = json.load(f)
        os.unlink(f'{slot.work}/{report}')
    except (OSError, ValueError):
        result.report = {}
    return result


def run(slot, words, **how):
    began = time.monotonic()
    return finish(slot, start(slot, words, **how), began, how.get('report', 'report'))


def alternatives(expected):
    for one in expected.split('|'):
        verdict, _, number = one.partition(' ')
        number = int(number or 0)
        status = LIMIT_ENDS.get(verdict, number + 128 if verdict in ('signal', 'syscall') else number)
        yield verdict, status, number


def judged(result, expected):
    """What is wrong with the verdict, the status and the fields that belong to them."""
    for verdict, status, number in alternatives(expected):
        if result.field('verdict') == verdict and result.status == status:
            if verdict == 'signal' and (result.field('signal') != number or result.field('killed')):
                return [f'signal {result.field("signal")}, killed {result.field("killed")}']
            if verdict == 'exit' and result.field('exit_code') != number:
                return [f'exit_code {result.field("exit_code")}']
            return []
    return [f'expected {expected}']


def between(low, value, high):
    return isinstance(value, (int, float)) and low <= value <= low + (high - low) * SLOW


def fields(result, wanted):
    wrong = []
    for path, want in wanted.items():
        value = result.field(path)
        if isinstance(want, tuple):
            good = between(want[0], value, want[1] + excused(result))
            if not good and isinstance(value, (int, float)) and value > want[0]:
                path = 'late: ' + path
        elif callable(want):
            good = want(value)
        else:
            good = value == want
        if not good:
            wrong.append(f'{path} is {value}')
    return wrong


def in_time(result, cpu=None, wall=None, late=LATE):
    """Within the limit and 50 ms; and gone 200 ms after the end."""
    wrong, more = [], excused(result)
    for name, limit in (('time.cpu_s', cpu or SLOW), ('time.wall_s', wall or 3 * SLOW)):
        value = result.field(name)
        if value is not None and value > limit + late * SLOW + more:
            wrong.append(f'late: {name} is {value}, limit {limit}')
    total = (result.field('time.wall_s') or 0) + (result.field('time.setup_s') or 0) + 0.2 * SLOW + 2 * Start.cost + more
    if result.report and result.elapsed > total:
        wrong.append(f'late: {result.elapsed:.3f} s, and {total:.3f} was allowed')
    return wrong


def processes(mark, work):
    """Of a run: monitor and init have its mark, and a program the folder of its slot or ours in its words."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/status', encoding='utf-8', errors='replace') as f:
                if re.search(r'^State:\s*Z', f.read(), re.M):
                    continue
            with open(f'/proc/{pid}/environ', 'rb') as f:
                marked = f'SBX_TEST_MARK={mark}'.encode() in f.read().split(b'\0')
            with open(f'/proc/{pid}/cmdline', 'rb') as f:
                words = f.read()
            if marked or work.encode() + b'/' in words:
                found.append(f'process {pid} {words[:60]!r}')
        except OSError:
            continue
    return found


def cgroups(pid):
    found = subprocess.run(['find', '/sys/fs/cgroup', '-maxdepth', '6', '-type', 'd', '-name', f'sbx-{pid}-*'],
                           capture_output=True, text=True, check=False)
    return ['cgroup ' + line for line in found.stdout.split()]


def mounts():
    with open('/proc/self/mountinfo', encoding='utf-8', errors='replace') as f:
        return ['mount ' + line.split()[4] for line in f if line.split()[4].startswith(T + '/')]


def left(slot, result):
    """The last process of a sandbox may be seen for a moment: looked at again before it is told."""
    for _ in range(6):
        found = processes(slot.mark, slot.work) + mounts() + (cgroups(result.pid) if result else [])
        if not found:
            return []
        time.sleep(0.1 * SLOW)
    return ['left behind: ' + ', '.join(found[:5])]


def clean(slot, **how):
    """The next run in the same slot starts clean and sees nothing of the one before."""
    words = [G, 'look'] + (['host'] if slot.mode.letter == 'B' else [])
    result = run(slot, words, **how)
    wrong = judged(result, 'ok')
    if 'clean' not in result.out or result.field('disk.full') or (result.field('memory.oom_kills') or 0) > 0:
        wrong.append('it is not clean')
    return [f'next run: {text}: {result}' for text in wrong]


class Canary:
    """A sandbox that runs beside all others of a mode, and tells at its end whether it was undisturbed."""

    def __init__(self, mode):
        self.slot = Slot(mode, 'canary')
        self.began = time.monotonic()
        self.process = start(self.slot, [G, 'canary'], stdin=subprocess.PIPE, cpu=1000 * SLOW, wall=3000 * SLOW)

    def wrong(self):
        return [] if self.process.poll() is None else ['the canary has ended']

    def end(self):
        result = finish(self.slot, self.process, self.began)
        wrong = judged(result, 'ok')
        beats = re.match(r'canary (\d+) (\d+)', result.out)
        if not beats or int(beats[1]) < (result.elapsed / 0.02) / 10 / SLOW:
            wrong.append('it did not run all the time')
        return wrong + left(self.slot, result), result


