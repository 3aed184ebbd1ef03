# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the test corpus that are more than one run a case, or that change something outside.

A function gets a slot, and gives what is wrong: a list of texts. The words of `several` are as in rows.py.
"""
import json
import os
import re
import signal
import stat
import subprocess
import time

import judge
from judge import A, BIN, G, LONG, SLOW, T, judged, option, run, start, finish
from rows import ALL, BOXED, ROWS

SEVERAL = []


class Several:
    def __init__(self, row, name, on, function, alone):
        self.row, self.name, self.on, self.function, self.alone = row, name, on, function, alone
        self.seen = ''


def several(number, program, expected, on=ALL, name=None, alone=False):
    ROWS.setdefault(number, (program, expected))

    def add(function):
        SEVERAL.append(Several(number, name or function.__name__.replace('_', ' '), on, function, alone))
        return function
    return add


def told(text, wrong, result):
    return [f'{text}: {one}: {result}' for one in wrong]


@several(4, 'exec of a missing, not executable, wrong or foreign file; `#!` of a missing interpreter', 'no start: 126 or 127, and no verdict on the program')
def no_start(slot):
    elf = bytearray(open(G, 'rb').read(4096))
    elf[18:20] = b'\xb7\x00' if os.uname().machine != 'aarch64' else b'\x3e\x00'
    wrong = []
    for name, text, mode, status, errno in (
            ('missing', None, 0, 127, 2), ('closed', 'x', 0o644, 126, 13), ('text', 'no program', 0o755, 126, 8),
            ('foreign', bytes(elf), 0o755, 126, 8), ('script', '#!/no/such/interpreter\n', 0o755, 127, 2)):
        path = f'{slot.work}/{name}' if text is None else slot.file(name, text, mode)
        result = run(slot, [path])
        if (result.status, result.field('executed'), result.field('exec_errno'), result.field('verdict')) != (status, False, errno, 'internal'):
            wrong.append(f'{name}: {result} {result.field("exec_errno")}')
    return wrong


@several(16, 'ends just before and just after the limit, many times', 'ok, cpu-time: never mixed by more than 2 ms', alone=True)
def near_the_limit(slot):
    limit, count = (1.0, 200) if LONG else (0.1, 10)
    wrong = []
    for seconds, expected in ((limit - 0.003, 'ok'), (limit + 0.002, 'cpu-time')):
        for _ in range(count):
            result = run(slot, [G, 'busy', str(seconds)], cpu=limit, wall=20 * SLOW)
            cpu = result.field('time.cpu_s') or 0
            if result.field('verdict') != expected and not abs(cpu - limit) <= 0.002 * SLOW:
                wrong.append(f'late: {seconds}: {result}')
    return wrong


@several(20, 'ends in the same ms as the kill', 'one consistent verdict', alone=True)
def same_moment(slot):
    wrong = []
    for i in range(100 if LONG else 20):
        result = run(slot, [G, 'busy', f'{0.05 + (i - 10) * 0.0001:.4f}', '7'], cpu=0.05, wall=20 * SLOW)
        cpu, killed = result.field('time.cpu_s') or 0, result.field('killed')
        if result.field('verdict') == 'exit':
            good = result.status == 7 and not killed and cpu <= 0.05 and result.field('exit_code') == 7
        else:
            good = result.field('verdict') == 'cpu-time' and result.status == 124 and cpu >= 0.0499
            good = good and (result.field('signal') == 9 if killed else result.field('exit_code') == 7)
        if not good:
            wrong.append(f'{i}: {result}, killed {killed}')
    return wrong


@several(19, 'the clock of the host is changed during the run', 'wall time is not touched; only in a guest', on='R', alone=True)
def clock_of_the_host(slot):
    if os.environ.get('GRADING_GUEST') != '1':
        return 'the clock of this machine is not ours: only in a guest'
    began = time.monotonic()
    process = start(slot, [G, 'waits', 'sleep'], cpu=SLOW, wall=1.0 * SLOW)
    time.sleep(0.3 * SLOW)
    subprocess.run(['date', '-s', '+2 hours'], check=True, stdout=subprocess.DEVNULL)
    time.sleep(0.2 * SLOW)
    subprocess.run(['date', '-s', '-2 hours'], check=True, stdout=subprocess.DEVNULL)
    result = finish(slot, process, began)
    wrong = judged(result, 'wall-time')
    if not 0.99 * SLOW <= (result.field('time.wall_s') or 0) <= 1.1 * SLOW:
        wrong.append('late: the wall time is wrong')
    return told('sleep', wrong, result)


@several(32, 'a run that hits the memory limit, and one after it in the same place', 'the second one knows nothing of it', on='RU')
def after_memory(slot):
    if not slot.mode.groups:
        return refused(slot, '--memory=64M')
    first = run(slot, [G, 'touch', '500'], options=['--memory=64M'], cpu=10 * SLOW)
    second = run(slot, [G, 'touch', '20'], options=['--memory=64M'])
    wrong = told('first', judged(first, 'memory'), first) + told('second', judged(second, 'ok'), second)
    if second.field('memory.oom_kills') != 0 or second.field('limits.memory.hit') or not second.field('memory.peak_bytes') < 40 << 20:
        wrong.append(f'second: {second}')
    return wrong


def refused(slot, needed):
    """Without best-effort a limit that nobody keeps is refused, by 125, its name and before anything has run."""
    key = 'limits.' + (re.search(r'limits\.([a-z-]+)|--([a-z-]+)=', needed)[1] or needed[2:].split('=')[0])
    result = run(slot, [G, 'say', 'it ran'], options=['--memory=', option('limits.cpu-time', ''), '--processes=', needed], weaker=False)
    if result.status != 125 or 'it ran' in result.out or f'{key}: it needs a cgroup' not in result.err:
        return [f'{needed} is not refused: {result}']
    return []


@several(33, 'hello world of JVM, Go, Node, PyPy, Python, Mono, GHC at 256 MB, 64 threads', 'ok: languages.sh')
def hello_of_languages(slot):
    return 'tests/grading/languages.sh has them, each with its own profile'


@several(40, 'two boxes at once, 63 processes each', 'both ok', on=BOXED)
def two_boxes(slot):
    other = judge.Slot(slot.mode, os.path.basename(slot.work) + '-other')
    began = time.monotonic()
    first = start(slot, [G, 'children-live', '63', str(0.5 * SLOW)])
    second = start(other, [G, 'children-live', '63', str(0.5 * SLOW)])
    wrong = []
    for one, process in ((slot, first), (other, second)):
        result = finish(one, process, began)
        wrong += told('63 of 64', judged(result, 'ok'), result)
    return wrong + judge.left(other, None)


def init_of(process):
    children = subprocess.run(['pgrep', '-P', str(process.pid)], capture_output=True, text=True, check=False).stdout.split()
    return int(children[0]) if children else 0


@several(42, 'PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER; pid 1 killed from outside', 'no orphan', on='R')
def init_is_killed(slot):
    began = time.monotonic()
    process = start(slot, [G, 'daemon', 'stay'], options=['--rw=.', option('limits.disk', '')], wall=20 * SLOW)
    process2 = start(slot, [G, 'waits', 'pause'], wall=20 * SLOW, report='report2')
    first = finish(slot, process, began)
    deadline = time.monotonic() + 10 * SLOW
    while not init_of(process2) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2 * SLOW)
    init = init_of(process2)
    if not init:
        return ['there is no init']
    os.kill(init, signal.SIGKILL)
    second = finish(slot, process2, began, 'report2')
    wrong = told('a subreaper', judged(first, 'ok'), first)
    if second.status == 0 or second.field('verdict') in (None, 'ok'):
        wrong.append(f'killed init: {second}')
    return wrong + judge.left(slot, second)


@several(43, '', '', name='to a file, and to /dev/null')
def flood_elsewhere(slot):
    size = option('limits.output-size', '1M')
    path = slot.file('flood', '')
    with open(path, 'wb') as file:
        result = run(slot, [G, 'flood', 'out'], options=[size], stdout=file)
    wrong = told('file', judged(result, 'output'), result)
    if os.path.getsize(path) != 1 << 20:
        wrong.append(f'file: {os.path.getsize(path)} bytes')
    result = run(slot, [G, 'flood', 'out'], options=[size], stdout=subprocess.DEVNULL)
    return wrong + told('/dev/null', judged(result, 'output'), result)


@several(47, 'folders 3000 deep; names with newlines, -rf, no UTF-8, 255 bytes', 'gone, also where the caller has 64 files', on=BOXED)
def deep_and_odd(slot):
    wrong = []
    for words in (['deep', '/tmp', '3000'], ['odd-names', '/tmp']):
        result = run(slot, [G, *words], before=['prlimit', '--nofile=64'])
        wrong += told(words[0], judged(result, 'ok'), result)
    result = run(slot, [G, 'look'], before=['prlimit', '--nofile=64'])
    return wrong + told('next', judged(result, 'ok'), result)




def box(slot):
    """A folder of the host that the program may write, and the options for it. As root it is of the program's user."""
    folder = slot.work + '/box'
    os.mkdir(folder)
    if slot.mode.letter == 'R':
        os.chown(folder, 65534, 65534)
    else:
        slot.give(folder)
    return folder, [f'--rw={folder}', option('limits.disk', '')]


@several(50, 'links to what is outside, absolute and by ..', 'nothing outside is read by their names, nor collected of a box')
def links_for_a_reader(slot):
    """The next run is given them as files: as root they are of another user, and else in what it may write."""
    folder, options = box(slot)
    wrong = []
    for target in (T + '/secret', '../../../secret', '/proc/self/root' + T + '/secret', '/etc/shadow', '/proc/1/environ'):
        result = run(slot, [G, 'plant', 'soft', target, folder + '/out.txt'], options=options)
        wrong += told('plant', judged(result, 'ok'), result)
        for words, more in ((['/bin/cat', folder + '/out.txt'], []), (['/bin/cat'], [f'--stdin={folder}/out.txt'])):
            result = run(slot, words, options=options + more)
            if 'SECRET' in result.out or 'root:' in result.out or result.status == 0:
                wrong.append(f'{target} {more}: {result}')
    return wrong


@several(51, 'a hard link to the file of another; names changed while they are read', 'refused; of a box nothing is read before all are dead')
def hard_links(slot):
    folder, options = box(slot)
    wrong = []
    for target in (T + '/secret', BIN + '/grading', '/etc/shadow', '/bin/sh'):
        result = run(slot, [G, 'plant', 'hard', target, folder + '/out.txt'], options=options)
        wrong += told(target, judged(result, 'exit 1'), result)
        if os.path.lexists(folder + '/out.txt'):
            wrong.append(f'{target}: it is there')
    return wrong


@several(52, 'an output file that is a FIFO, socket, device, folder or too large', 'refused, and no hang; of a box they are dropped, and told')
def odd_outputs(slot):
    wrong = []
    path = f'{slot.work}/odd'
    os.mkfifo(path, 0o666)
    for make in (None, os.mkdir):
        if make:
            os.unlink(path)
            make(path)
        slot.give(path)
        for key in ('stdout', 'stderr', 'stdin'):
            result = run(slot, [G, 'say', 'it ran'], options=[f'--{key}={path}'], wall=3 * SLOW)
            if result.status != 125 or 'it ran' in result.out:
                wrong.append(f'--{key} of a {"folder" if make else "FIFO"}: {result}')
    os.rmdir(path)
    return wrong


BOXES = 'RU'  # who has boxes: not by a setuid sbx, and not without namespaces


def in_box(slot, script, collect=(), options=()):
    """A script in a new box. Gives what is wrong, the regular files that came out, by path, and why others did not."""
    state = slot.work + '/state'
    os.mkdir(state)
    slot.give(state)
    env = {'XDG_STATE_HOME': state}

    def ctl(*words):
        return subprocess.run([os.environ['SBXCTL'], 'box', *words], env={**slot.mode.environment(slot.mark), **env}, cwd='/',
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **slot.mode.user())

    made = ctl('create', 'one', '--file-size=1M', *(f'--collect={pattern}' for pattern in collect))
    result = run(slot, ['/bin/sh', '-c', script], options=['--box=one', *options], env=env)
    wrong = told('in the box', judged(result, 'ok'), result) + ([made.stdout.decode()] if made.returncode else [])
    kept = {}
    top = state + '/sbx/boxes/one/files'
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            if stat.S_ISREG(st.st_mode) and st.st_nlink == 1:
                with open(path, 'rb') as f:
                    kept[os.path.relpath(path, top)] = f.read(100)
            elif not stat.S_ISDIR(st.st_mode):
                wrong.append(f'{path} is {st}')
    gone = ctl('destroy', 'one')
    if gone.returncode or os.path.exists(state + '/sbx/boxes/one'):
        wrong.append(gone.stdout.decode())
    return wrong, kept, {one['name']: one['why'] for one in result.field('box.dropped') or []}


def differs(what, is_so, wanted):
    return [] if is_so == wanted else [f'{what} {is_so}, expected {wanted}']


@several(50, '', '', on=BOXES)
def collected_links(slot):
    targets = {'a': T + '/secret', 'b': '../../../secret', 'c': '/proc/self/root' + T + '/secret', 'd': '/etc/shadow', 'e': '/proc/1/environ', 'out.txt': '/etc/passwd'}
    script = 'echo good >result; ' + '; '.join(f'ln -s {target} {name}' for name, target in targets.items()) + '; ln -s / up'
    wrong, kept, dropped = in_box(slot, script)
    wrong += differs('kept', kept, {'result': b'good\n'}) + differs('dropped', dropped, dict.fromkeys([*targets, 'up'], 'link'))
    slot = judge.Slot(slot.mode, os.path.basename(slot.work) + '-named')
    more, kept, dropped = in_box(slot, script, ('out.txt', 'up/etc/passwd', 'result', 'none?'))
    return wrong + more + differs('kept', kept, {'result': b'good\n'}) + differs('dropped', dropped, {'out.txt': 'link'})


@several(51, '', '', on=BOXES)
def collected_while_names_change(slot):
    """What would change them is dead before the first file is read."""
    swap = 'while :; do mv d x; ln -s /etc d; rm d; mv x d; done'
    script = f'mkdir d; echo good >d/passwd; echo good >result; ({swap}) 2>/dev/null & ({swap}) 2>/dev/null & ln /bin/sh hard 2>/dev/null; sleep 0.1'
    wrong, kept, _ = in_box(slot, script)
    for name, text in kept.items():
        if name not in ('result', 'd/passwd', 'x/passwd') or text != b'good\n':
            wrong.append(f'{name}: {text}')
    return wrong + ([] if 'result' in kept else ['there is no result'])


@several(52, '', '', on=BOXES)
def collected_odd_files(slot):
    """The profile makes no sockets; attack-K.sh has one."""
    script = 'mkfifo fifo; mknod device c 1 3 2>/dev/null; mkdir folder; truncate -s 10G large; echo good >result; [ -p fifo ] && [ ! -e device ]'
    wrong, kept, dropped = in_box(slot, script, options=[option('limits.file-size', '20G')])
    return wrong + differs('kept', kept, {'result': b'good\n'}) + differs('dropped', dropped, {'fifo': 'fifo', 'large': 'too-big'})


@several(53, 'a link planted at the name of the output or the report of the next run', 'not followed')
def planted(slot):
    folder, options = box(slot)
    victim = slot.file('victim', 'as it was')
    result = run(slot, [G, 'plant', 'soft', victim, folder + '/out.txt'], options=options)
    wrong = told('plant', judged(result, 'ok'), result)
    for more in ([f'--stdout={folder}/out.txt'], [f'--stderr={folder}/out.txt'], [f'--report={folder}/out.txt']):
        run(slot, [G, 'say', 'x'], options=options + more)
        if slot.mode.letter == 'R':  # of another user, which shows without the folder, too
            run(slot, [G, 'say', 'x'], options=more)
        with open(victim, encoding='utf-8') as f:
            if f.read() != 'as it was':
                wrong.append(f'{more} was followed')
    return wrong


@several(54, 'archives: a bomb, names with .., links, many entries', 'unpacked in the sandbox, under its limits', on=BOXED)
def archives(slot):
    bomb = f'{T}/archives/bomb.tar.gz'
    wrong = []
    for words, expected in ((['tar', '-xf', bomb, '-C', '/tmp'], 'signal 25|output|exit 2|disk 2'),
                            (['tar', '-xf', f'{T}/archives/many.tar.gz', '-C', '/tmp'], 'disk 2')):
        result = run(slot, ['/bin/' + words[0], *words[1:]], options=[f'--ro={T}/archives'], cpu=10 * SLOW, wall=20 * SLOW)
        wrong += told(words[2], judged(result, expected), result)
    run(slot, ['/bin/tar', '-xPf', f'{T}/archives/outside.tar', '-C', '/tmp'], options=[f'--ro={T}/archives'])
    if os.path.exists(f'{T}/planted') or os.path.exists('/tmp/sbx-planted'):
        wrong.append('a file is outside')
    return wrong


@several(59, 'files that the grader has open, its working directory, its terminal; TIOCSTI', 'closed; a session of its own; refused')
def inherited(slot):
    wrong = []
    file = os.open(T + '/secret', os.O_RDONLY)
    folder = os.open('/', os.O_RDONLY)
    result = run(slot, [A, 'fd-leaked'], pass_fds=(file, folder))
    if 'SHUT' not in result.out:
        wrong.append(f'fds: {result}')
    result = run(slot, [A, 'fd-walk', T + '/secret'], pass_fds=(file, folder))
    if 'SHUT' not in result.out:
        wrong.append(f'ways: {result}')
    os.close(file)
    os.close(folder)
    if slot.mode.letter != 'B':
        result = run(slot, [A, 'tiocsti'], before=[A, 'on-pty'])
        if 'OPEN' in result.out or 'SHUT' not in result.out:
            wrong.append(f'terminal: {result}')
    return wrong


@several(73, 'two boxes look for each other: /dev/shm, /tmp, System V, queues, abstract sockets', 'no way by a call; time and load can be seen', on=BOXED)
def two_talk(slot):
    other = judge.Slot(slot.mode, os.path.basename(slot.work) + '-other')
    began = time.monotonic()
    process = start(slot, ['/bin/sh', '-c', f'{G} leave; echo there; sleep {0.5 * SLOW}'])
    while process.stdout.readline() not in (b'there\n', b''):
        pass
    wrong = []
    for words in (['look'],):
        result = run(other, [G, *words])
        wrong += told(words[0], judged(result, 'ok'), result)
    result = finish(slot, process, began)
    return wrong + told('holder', judged(result, 'ok'), result)


# What each side of a talk is, and what it must be judged; which side ends first: j, s, or - where it is a matter of ms.
TALKS = (
    ('judge', 'solve', 'exit 42', 'ok', '-'),
    ('judge', 'side early', 'exit 43', 'ok', '-'),
    ('judge', 'side early-1', 'exit 43', 'exit 1', '-'),
    ('judge', 'side crash', 'exit 43', 'signal 6', '-'),
    ('judge', 'side shut-out', 'exit 43', 'wall-time', 'j'),
    ('judge', 'side silent', 'wall-time|exit 43', 'wall-time', '-'),
    ('side early', 'solve', 'ok', 'exit 1|signal 13', '-'),
    ('side read', 'side read', 'wall-time|exit 43', 'wall-time|exit 43', '-'),
    ('side silent', 'side no-read', 'wall-time', 'wall-time|signal 13', '-'),
    ('side message', 'side message', 'wall-time|exit 44', 'wall-time|exit 44', '-'),
    ('side ignore', 'side shut', 'exit 44', 'wall-time', 'j'),
    ('side early', 'side no-read', 'ok', 'signal 13', '-'),
)


def talk(slot, other, one):
    """Both are started by one who closes all that is theirs. Where both wait, one has to be ended by its limit."""
    judge_words, solver_words, judge_verdict, solver_verdict, first = one
    to_solver, to_judge = os.pipe(), os.pipe()
    how = {'cpu': 2 * SLOW, 'wall': 1 * SLOW}
    began = time.monotonic()
    a = start(slot, [G, *judge_words.split()], stdin=to_judge[0], stdout=to_solver[1], **how)
    b = start(other, [G, *solver_words.split()], stdin=to_solver[0], stdout=to_judge[1], **how)
    for fd in to_solver + to_judge:
        os.close(fd)
    ended = []
    while len(ended) < 2 and time.monotonic() < began + 20 * SLOW:
        ended += [name for name, p in (('j', a), ('s', b)) if name not in ended and p.poll() is not None]
        time.sleep(0.001)
    results = finish(slot, a, began), finish(other, b, began)
    wrong = told('judge', judged(results[0], judge_verdict), results[0]) + told('solver', judged(results[1], solver_verdict), results[1])
    if 'wall-time' in judge_verdict and not any(r.field('verdict') == 'wall-time' for r in results):
        wrong.append(f'nobody was ended: {results[0]}, {results[1]}')
    if first not in ('-', ended[0] if ended else '-'):
        wrong.append(f'late: {ended} ended in this order')
    return [f'{judge_words}, {solver_words}: {text}' for text in wrong]


@several(75, 'interactive: 12 ways in which a talk of two goes right and wrong', 'a verdict a side; who waits for the end of the other sees it; no judge ended by SIGPIPE', on=BOXED)
def interactive(slot):
    other = judge.Slot(slot.mode, os.path.basename(slot.work) + '-solver')
    return [text for one in TALKS for text in talk(slot, other, one)]


def is_one_of(report, expected):
    return any((report['verdict'], report['exit_code'] if verdict == 'exit' else report['signal'] if verdict == 'signal' else number)
               == (verdict, number) for verdict, _, number in judge.alternatives(expected))


@several(75, '', '', on='RU')
def interactive_by_pair(slot):
    """What nobody reads any more is thrown away there when the other has ended: who says it is not ended by SIGPIPE. Where the
    other only shuts its ears, who talks waits, and one has to be ended by its limit."""
    wrong = []
    for judge_words, solver_words, judge_verdict, solver_verdict, first in TALKS:
        sides = [judge.command(slot, [G, *words.split()], cpu=2 * SLOW, wall=1 * SLOW, report=None) for words in (judge_words, solver_words)]
        words = [[word for word in side[1:] if word != '--'] for side in sides]
        done = subprocess.run([os.environ['SBXCTL'], 'pair', *words[0], '--', *words[1]], cwd=slot.work, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60 * SLOW,
                              env=slot.mode.environment(slot.mark), **slot.mode.user())
        try:
            report = json.loads(done.stdout.decode())
        except ValueError:
            report = {'first': None, 'sandboxes': []}
        expected = [text.replace('signal 13', 'wall-time|ok') for text in (judge_verdict, solver_verdict)]
        if solver_words == 'side shut':
            expected[0], first = 'wall-time', '-'
        if solver_words == 'side message':  # who is ended second may get rid of it all before
            expected = [f'{text}|ok' for text in expected]
        is_good = len(report['sandboxes']) == 2 and all(map(is_one_of, report['sandboxes'], expected))
        if 'wall-time' in judge_verdict:
            is_good = is_good and any(s['verdict'] == 'wall-time' for s in report['sandboxes'])
        if not is_good or (first == 'j' and report['first'] != 0):
            got = [(s['verdict'], s['exit_code'], s['signal']) for s in report['sandboxes']]
            wrong.append(f'{judge_words}, {solver_words}: expected {expected}, {first}: {got}, {report["first"]}: {done.stderr.decode()[:300]}')
    return wrong


@several(76, 'compile: /dev/zero and secrets included, endless templates, .incbin, endless errors', 'an error or a limit; nothing leaks: languages.sh')
def hostile_source(slot):
    return 'tests/grading/languages.sh has them, with the profiles that compile'


@several(77, 'the compiler leaves a daemon that waits for the run', 'ended before it', on=BOXED)
def compile_daemon(slot):
    result = run(slot, ['/bin/sh', '-c', f'{G} daemon stay; cp {G} program'], profile='compile', options=['--rw=.'], cpu=10 * SLOW, wall=20 * SLOW)
    wrong = told('compile', judged(result, 'ok'), result) + judge.left(slot, result)
    result = run(slot, [f'{slot.work}/program', 'look'])
    return wrong + told('run', judged(result, 'ok'), result)


def gone(slot):
    deadline = time.monotonic() + 5 * SLOW
    while judge.processes(slot.mark, slot.work) and time.monotonic() < deadline:
        time.sleep(0.02)
    return judge.processes(slot.mark, slot.work)


@several(78, 'sbx is killed during a run', 'all of it ends', on=BOXED)
def killed(slot):
    began = time.monotonic()
    process = start(slot, [BIN + '/grading', 'children-live', '5', '30', slot.work + '/'], wall=30 * SLOW)
    deadline = time.monotonic() + 10 * SLOW
    while len(judge.processes(slot.mark, slot.work)) < 7 and time.monotonic() < deadline:
        time.sleep(0.02)
    wrong = [] if len(judge.processes(slot.mark, slot.work)) >= 7 else ['it does not run']
    process.kill()
    finish(slot, process, began)
    wrong += [f'left: {one}' for one in gone(slot)]
    for group in judge.cgroups(process.pid):  # sbx takes them away later, and other tests run beside this one
        try:
            os.rmdir(group.split(' ', 1)[1])
        except OSError as error:
            wrong.append(f'a group is in use: {error}')
    return wrong


@several(79, 'SIGTERM, SIGINT, SIGABRT to sbx, twice; SIGPIPE', 'a complete report, and a status of its own; SIGPIPE is not minded', on=BOXED)
def signals(slot):
    wrong = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGABRT, signal.SIGPIPE):
        began = time.monotonic()
        process = start(slot, ['/bin/sh', '-c', f'echo ready; trap "" INT TERM ABRT; sleep {2 * SLOW}; exit 9'], wall=30 * SLOW)
        process.stdout.readline()
        time.sleep(0.1 * SLOW)
        process.send_signal(number)
        time.sleep(0.2 * SLOW)
        if process.poll() is None:
            process.send_signal(number)  # the first was the program's own
        result = finish(slot, process, began)
        expected = (9, 'exit') if number == signal.SIGPIPE else (128 + number, 'signal')
        if (result.status, result.field('verdict')) not in (expected, (137, 'signal')) or result.elapsed > 5 * SLOW:
            wrong.append(f'{number.name}: {result}')
        wrong += [f'{number.name}: left: {one}' for one in gone(slot)]
    return wrong


@several(80, '10 000 runs one after the other, 200 at once', 'nothing is left; as fast at the end as at first', alone=True)
def many(slot):
    count, at_once = (10000, 200) if LONG else (30, 12)
    times, wrong = [], []
    for i in range(count):
        result = run(slot, [G, 'say', str(i)])
        times.append(result.elapsed)
        if judged(result, 'ok') or result.out != f'{i}\n':
            wrong.append(f'{i}: {result}')
    third = max(count // 3, 1)
    if sorted(times[-third:])[third // 2] > 2 * sorted(times[:third])[third // 2] + 0.05 * SLOW:
        wrong.append(f'late: {times[:5]} at first, {times[-5:]} at the end')
    began = time.monotonic()
    together = [(i, start(slot, [G, 'say', str(i)], report=f'report{i}', wall=60 * SLOW)) for i in range(at_once)]
    for i, process in together:
        result = finish(slot, process, began, f'report{i}')
        if judged(result, 'ok') or result.out != f'{i}\n':
            wrong.append(f'at once, {i}: {result}')
    return wrong
