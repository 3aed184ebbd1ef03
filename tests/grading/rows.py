# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the test corpus that are one run a case. Those of several runs are in several.py.

row NUMBER, PROGRAM, EXPECTED    as the table of README.md has them; the cases that follow are its own
case WORDS, EXPECTED             a program and its verdict: `ok`, `exit 3`, `signal 11`, a limit; a|b: either
    name       what to call it; else its words
    on         the modes that have it: R root, U user, G gated, B bare
    options    of sbx; cpu, wall: the limits in seconds, where time is judged
    needs      a limit that only a cgroup keeps: where there is none it must be refused
    without    the verdict where there is no cgroup, and the limit is another one of the same name
    report     fields of the report: a value, (least, most) or a function
    out        a text in the output
    late       how long after its limit the result may come, where it is not 50 ms
    alone      nothing else runs beside it, but the canary
"""
import os

from judge import A, BIN, G, LATE, LONG, SLOW, T, option

ROWS, CASES = {}, []
MIB = 1 << 20
ALL, BOXED = 'RUGB', 'RUG'  # bare: no private folders, one namespace of processes with the caller


class Case:
    def __init__(self, row, words, expected, **more):
        self.row, self.words, self.expected = row, words, expected
        self.name = more.pop('name', None) or ' '.join(w.replace(BIN + '/', '') for w in words)
        self.on = more.pop('on', ALL)
        self.options = more.pop('options', [])
        self.needs = more.pop('needs', None)
        self.without = more.pop('without', None)
        self.report = more.pop('report', {})
        self.out = more.pop('out', None)
        self.check = more.pop('check', None)
        self.alone = more.pop('alone', False)
        self.late = more.pop('late', LATE)
        self.how = more


def row(number, program, expected):
    ROWS[number] = (program, expected)


def case(words, expected, **more):
    words = words.split() if isinstance(words, str) else words
    programs = {'@A': A, '@bss': BIN + '/bss', '@nolibc': BIN + '/nolibc'}
    words = [programs[words[0]], *words[1:]] if words[0] in programs else words if words[0][0] == '/' else [G, *words]
    CASES.append(Case(max(ROWS), words, expected, **more))


def shut(words, **more):
    """A probe of the attack corpus, which has the control runs."""
    case('@A ' + words if isinstance(words, str) else [A, *words], 'ok', out='SHUT', **more)


def limit(seconds):
    return seconds if not LONG else 1.0


def over(seconds, late):
    """Of the processor: ended at the limit, and at most so late."""
    return {'time.cpu_s': (limit(seconds) - 0.001, limit(seconds) + late), 'limits.cpu-time.hit': True}


CPU = {'cpu': limit(0.2), 'wall': 3 * SLOW}
WALL = {'cpu': 1 * SLOW, 'wall': limit(0.3)}
M64 = ['--memory=64M']
PATIENT = {'cpu': 10 * SLOW, 'wall': 20 * SLOW}  # where memory or processes are judged

# exit status

row(1, 'exit 0, 1, 127, 137, 255', 'ok; exit with that status')
case('exit 0', 'ok', report={'exit_code': 0, 'signal': None, 'killed': False})
for status in (1, 127, 137, 255):
    case(f'exit {status}', f'exit {status}', report={'signal': None, 'killed': False})

row(2, 'kill(self) by 9, 15, 24, 25, 31', 'signal of that number; SIGXCPU is no time limit, SIGXFSZ no output limit; SIGSYS: syscall, as of a denied call')
for number in (9, 15, 24, 25):
    case(f'kill {number}', f'signal {number}')
case('kill 31', 'syscall 31', report={'signal': 31, 'killed': False})

row(3, 'abort, SIGSEGV, SIGFPE, SIGILL, SIGBUS', 'signal 6, 11, 8, 4, 7; no core file')
for fault, number in (('abort', 6), ('segv', 11), ('fpe', 8), ('ill', 4), ('bus', 7)):
    case(f'fault {fault}', f'signal {number}', options=['--rw=.', option('limits.disk', '')], on='RUG',
         check=lambda slot, result: [f'{name} was left' for name in os.listdir(slot.work) if 'core' in name])
    case(f'fault {fault}', f'signal {number}', on='B')

row(5, 'closes 0, 1 and 2, and exits 0', 'ok')
case('close-all', 'ok')

row(6, 'static, without libc: one call', 'exit 5')
case('@nolibc', 'exit 5')

row(7, 'exec by a thread that is not the first; the first thread ends, others go on', 'followed to the real end')
case('thread-executes', 'ok', out='executed', on=BOXED)
case('thread-executes', 'ok', on='B')
case('first-thread-ends', 'exit 7', out='the other thread')

# time

row(8, 'busy loop', 'cpu-time, at most 5 ms late')
case('busy', 'cpu-time', report=over(0.2, 0.005), **CPU)

row(9, 'sleep; clock_nanosleep to a time of day; pause with all signals ignored', 'wall-time, at most 50 ms late')
for kind in ('sleep', 'until', 'pause'):
    case(f'waits {kind}', 'wall-time', report={'limits.wall-time.hit': True, 'time.wall_s': (limit(0.3) - 0.001, limit(0.3) + 0.05)}, **WALL)

row(10, 'raise(SIGSTOP)', 'wall-time')
case('waits stop', 'wall-time', **WALL)

row(11, '4 threads that are busy', 'cpu-time, of all together')
case('threads 4', 'cpu-time', report=over(0.2, 0.02), **CPU)

row(12, 'a child is busy: its parent waits, does not wait, or has ended', 'cpu-time')
for kind in ('wait', 'idle', 'orphan'):
    case(f'child-burns {kind}', 'cpu-time', report=over(0.2, 0.05), **CPU)

row(13, 'hundreds of children of 0.5 ms each', 'all of it is counted')
case('many-children 400', 'ok', report={'time.cpu_s': lambda v: v >= 0.2}, cpu=5 * SLOW, wall=20 * SLOW)
case('many-children', 'cpu-time', report={'time.cpu_s': (limit(0.2) - 0.001, limit(0.2) + 0.05)}, **CPU)

row(14, 'only system time: getppid, reads of /dev/zero', 'cpu-time')
for kind in ('calls', 'zeros'):
    case(f'system-time {kind}', 'cpu-time', report=over(0.2, 0.005), **CPU)
case('system-time zeros', 'cpu-time', name='of it most in the kernel', report={'time.system_s': (0.1, 1)}, **CPU)


def own_clock(most):
    """The report and the program's own clock agree."""
    def check(slot, result):
        own = [float(line.split()[1]) for line in result.out.splitlines() if line.startswith('own ')]
        cpu = result.field('time.cpu_s')
        if not own or cpu is None or not -0.0015 <= cpu - own[0] <= most * SLOW:
            return [f'late: its own clock said {own}, the report {cpu}']
        return []
    return check


row(15, 'bursts of 0.9 ms between sleeps, to dodge the tick', 'counted exactly')
case('bursts 200', 'ok', check=own_clock(0.005), cpu=5 * SLOW, wall=20 * SLOW)
case('busy 0.2', 'ok', check=own_clock(0.003), cpu=5 * SLOW, wall=20 * SLOW)

row(17, 'soft limit, hard limit, and a time between', 'cpu-time with the true time, not killed')
case('busy 0.2', 'cpu-time', options=[option('limits.cpu-time-hard', '2s')], cpu=0.1, wall=3 * SLOW, check=own_clock(0.005),
     report={'killed': False, 'exit_code': 0, 'time.cpu_s': (0.199, 0.21)})
case('busy', 'cpu-time', name='busy, to the hard limit', options=[option('limits.cpu-time-hard', '0.2s')], cpu=0.1, wall=3 * SLOW,
     report={'killed': True, 'time.cpu_s': (0.199, 0.21)})

row(18, 'settimeofday, adjtimex; an alarm every 10 us', 'EPERM; the time is right')
shut('set-clock')
case('alarms 0.2 1000', 'ok', check=own_clock(0.01), cpu=5 * SLOW, wall=20 * SLOW)
case('alarms 1000 10', 'cpu-time', report=over(0.2, 0.02), cpu=limit(0.2), wall=20 * SLOW)

row(21, 'nice, SCHED_IDLE, SCHED_FIFO, processors that are not given', 'no gain; FIFO is refused')
case('schedule nice', 'cpu-time', report=over(0.2, 0.02), cpu=limit(0.2), wall=20 * SLOW)
case('schedule idle', 'cpu-time', report=over(0.2, 0.02), cpu=limit(0.2), wall=20 * SLOW)
case('schedule fifo', 'ok', out='EPERM')
case('schedule cpus', 'ok', options=[option('limits.cpus', 0)], out='processors 1\n')

# memory

row(22, 'malloc and touch', 'memory; the peak is about the limit')
case('touch 500', 'memory', options=M64, needs='--memory=64M', **PATIENT,
     report={'memory.peak_bytes': lambda v: 60 * MIB <= v <= 65 * MIB, 'memory.oom_kills': lambda v: v >= 1, 'limits.memory.hit': True})
case('touch 40', 'ok', options=M64, needs='--memory=64M')

row(23, 'malloc of 8 GB and MAP_NORESERVE of 1 TB, not touched', 'ok')
case('reserve', 'ok')

row(24, '`while (1) new int`, the answer ignored', 'memory')
case('small-pieces', 'memory', options=M64, needs='--memory=64M', **PATIENT)

row(25, 'a child is killed for memory, the parent exits 0', 'memory')
case('child-dies', 'memory', options=M64, needs='--memory=64M', **PATIENT)

row(26, 'files of /dev/shm and /tmp, memfd, System V and shared memory', 'memory, or ENOSPC')
case('@A memory memfd 200', 'memory', options=M64 + [option('limits.open-files', 4096)], needs='--memory=64M', **PATIENT)
case('@A memory shared 200', 'memory', options=M64 + [option('syscalls.base', 'default')], needs='--memory=64M', **PATIENT)
case('shared 200', 'memory', options=M64, needs='--memory=64M', **PATIENT)
case('fill /tmp 10 8', 'memory|disk 1', options=M64, needs='--memory=64M', **PATIENT)
case('fill /dev/shm 10 8', 'memory|disk 1', options=M64, needs='--memory=64M', **PATIENT)
case('fill /tmp 10 8', 'disk 1', name='fill /tmp, by the limit of the disk', on=BOXED)

row(27, 'pipes, sockets, watches, names of files, page tables', 'bounded: memory, or its own error')
for kind in ('pipes', 'sockets'):
    case(f'@A memory {kind} 200', 'memory', options=M64 + [option('limits.open-files', 4096)], needs='--memory=64M', **PATIENT)
case('of-kernel tables', 'memory', options=M64, needs='--memory=64M', **PATIENT)
for kind in ('pipes', 'watches', 'names'):
    case(f'of-kernel {kind}', 'ok|memory|disk 1', options=M64, needs='--memory=64M', **PATIENT,
         report={'memory.peak_bytes': lambda v: v <= 65 * MIB})

row(28, 'page cache: reads a large file; writes and removes files', 'ok: it can be reclaimed')
case(['page-cache', T + '/large'], 'ok', options=M64 + [f'--ro={T}/large'], needs='--memory=64M', **PATIENT,
     report={'memory.oom_kills': 0})
case('page-cache', 'ok', options=M64, needs='--memory=64M', **PATIENT)

row(29, 'mlock, mlockall, MAP_HUGETLB, MAP_LOCKED', 'EPERM or ENOMEM')
case('locked', 'ok', out='not locked')

row(30, 'recursion: 40 MB; without end', 'ok; signal 11 or memory; with a stack of 8 MB signal 11')
case('recursion 40', 'ok')
case('recursion', 'memory|signal 11', options=M64, needs='--memory=64M', **PATIENT)
case('recursion 40', 'signal 11', name='recursion 40, stack 8M', options=[option('limits.stack', '8M')])

row(31, '.bss of 300 MB, untouched and touched', 'ok; memory')
case('@bss', 'ok', options=M64, needs='--memory=64M')
case('@bss touched', 'memory', options=M64, needs='--memory=64M', **PATIENT)

# processes

row(34, 'fork bombs: fork, with wait, vfork, clone(CLONE_VM)', 'a time limit; gone within 200 ms')
for kind in ('fork', 'reap', 'vfork', 'clone'):
    case(f'bomb {kind}', 'cpu-time|wall-time', on=BOXED, alone=True, cpu=0.5 * SLOW, wall=0.5 * SLOW)

row(35, '10 000 threads', 'EAGAIN at the limit, which is reported')
case('threads-live 10000', 'processes 1', without='exit 1', on=BOXED, out='EAGAIN',
     report={'limits.processes.by': lambda v: v in ('pids.max', 'RLIMIT_NPROC')})
case('threads-live 10000', 'processes 1', name='how often, and that it was reached', on='R',
     report={'processes.limit_hits': lambda v: v >= 1, 'limits.processes.hit': True})

row(36, 'processes = 1: fork, pthread_create, posix_spawn, system', 'EAGAIN; the program decides')
case('one-more', 'ok', options=['--processes=1'], out='alone', on=BOXED)

row(37, 'zombies, never waited for', 'bounded, and gone')
case('zombies', 'ok', out='EAGAIN', on=BOXED)

row(38, 'a daemon that ignores all and keeps standard output', 'ended with the first; the pipe of the caller ends')
case('daemon stay', 'ok', out='the first one ends')

row(39, 'a daemon that forks faster than one can kill', 'gone')
case('daemon race', 'ok', out='the first one ends', cpu=5 * SLOW)

row(41, 'kill(-1), kill(1), kill(ppid), ptrace, pidfd_getfd, process_vm_writev, /proc/1/mem', 'EPERM or ESRCH')
case('reach', 'ok', out='nothing reached', on=BOXED)
for probe in ('trace 1', 'vm-write 1', 'vm-read 1', 'get-fd 1', 'signal-one'):
    shut(probe, on=BOXED)

# files

row(43, 'standard output without end: to a pipe, a file, /dev/null', 'output; the first bytes come through')
case('flood out', 'output', options=[option('limits.output-size', '1M')], check=lambda slot, result: [] if len(result.out) == MIB else
     [f'{len(result.out)} bytes'], report={'output.stdout_bytes': MIB, 'output.stdout_truncated': True, 'output.stderr_truncated': False})

row(44, 'standard error without end; a byte to each in turn', 'output; each stream is told')
case('flood err', 'output', options=[option('limits.output-size', '1M')],
     report={'output.stderr_bytes': MIB, 'output.stderr_truncated': True, 'output.stdout_truncated': False})
case('flood both', 'output', options=[option('limits.output-size', '16K')], cpu=5 * SLOW, wall=20 * SLOW,
     report={'limits.output-size.hit': True})

row(45, 'files up to the limit, until the disk is full', 'ENOSPC: disk; the host is not touched')
case('fill /tmp 100 8', 'disk 1', out='ENOSPC', report={'disk.full': True}, on=BOXED)
case('fill /tmp 6 8', 'ok', on=BOXED)

row(46, '10^6 files', 'ENOSPC: disk')
case('fill /tmp 1000000 0', 'disk 1', out='ENOSPC', report={'disk.full': True}, on=BOXED)

row(48, 'sparse file of 1 TB, fallocate, holes, copy_file_range', 'EFBIG at the limit of a file')
case('sparse /tmp', 'ok', out='not larger', on=BOXED)
case('sparse .', 'ok', name='sparse, in a folder of the host', out='not larger', options=['--rw=.', option('limits.disk', ''), '--user=keep'])
case('fill . 1 20', 'signal 25', options=['--rw=.', option('limits.disk', ''), '--user=keep'], name='SIGXFSZ of a file that is too large')

row(49, 'folders of mode 0, immutable files, many attributes', 'gone')
case('stubborn /tmp', 'ok', on=BOXED)

row(55, 'passwords, other boxes, test data, sources and keys of the grader', 'not there')
case(['seek', '/etc/shadow', '/root', T + '/secret', T + '/home', '/etc/ssh', '/var/lib', '/etc/gshadow'], 'ok', on=BOXED)
shut(['read-secret', T + '/secret'])
shut(['cheat', T + '/secret', T + '/home/answers'])

row(56, '/proc of others, /proc/sys, kallsyms, keys, kmsg, mem, /sys, devices', 'only its own; masked, or refused')
shut('kernel-switches')
shut('kernel-secrets', on=BOXED)
case('seek /dev/mem /dev/kmem /dev/kvm /dev/fuse /dev/loop0 /dev/loop-control /dev/input /dev/kmsg /sys/kernel /sys/class', 'ok', on=BOXED)

row(57, 'set-user-id programs, file capabilities', 'no privilege')
shut(['exec-suid', T + '/suid'], options=[f'--ro={T}/suid'], on='RUG')
shut('privilege-state', on=BOXED)
for program in ('/bin/su', '/bin/mount', '/usr/bin/passwd'):
    if os.path.exists(program):
        case([A, 'exec-suid', program], 'ok|exit 1|exit 20', name=f'{program} gives nothing', on=BOXED,
             check=lambda slot, result: ['it is open'] if 'OPEN' in result.out else [])

row(58, 'mknod of block and character devices', 'EPERM')
case('nodes /tmp', 'ok', out='EPERM', on=BOXED)
case('nodes .', 'ok', out='none', options=['--rw=.', option('limits.disk', ''), '--user=keep'])

row(60, 'open until it fails', 'EMFILE')
case('open-all', 'ok', out='61 files: EMFILE', on=BOXED)

# escape, and the surface of the kernel

row(61, 'chroot, pivot_root, fchdir to a kept folder, open_by_handle_at, move_mount, fsopen', 'EPERM')
for probe in ('change-root', 'pivot-back', 'move-tree', 'mount-new', 'bind-over', 'unmount /tmp', f'cwd-escape {T}/secret'):
    shut(probe, on=BOXED)

row(62, 'unshare, clone, clone3, setns, then mount', 'EPERM')
for probe in ('ns-unshare', 'ns-clone', 'ns-clone-high', 'ns-clone3', 'ns-enter'):
    shut(probe)

row(63, 'the i386 and x32 tables of calls', 'denied')
if os.uname().machine == 'x86_64':
    shut('int80 0 450')
    shut('x32')
else:
    case('exit 0', 'ok', name='(there are no such tables)')

row(64, 'bpf, perf, userfaultfd, io_uring, keys, kexec, modules, reboot, quotactl, acct, swapon', 'an error')
shut('closed-calls', on=BOXED)
shut('ring-setup')
shut('read-key')

row(65, 'a filter of its own, prctl, modify_ldt', 'harmless')
case('tables', 'ok', out='harmless')
for probe in ('uid-zero', 'ns-unshare'):
    shut(f'after-filter {probe}')

row(66, 'limits raised, its own and those of others', 'EPERM')
case('raise-limits', 'ok', out='not raised', on=BOXED)
case('end-init', 'cpu-time|wall-time', name='a limit of time for pid 1, and work for it', on=BOXED, cpu=1.5 * SLOW, wall=6 * SLOW)

row(67, 'control groups: written, left, mounted', 'impossible')
shut('groups', on=BOXED)
shut('groups', name='groups, where they are shown', options=['--ro=/sys/fs/cgroup'], on=BOXED)

row(68, 'LD_PRELOAD, PYTHONPATH, secrets of the grader in variables', 'only what is given')
case('printenv', 'ok', env={'LD_PRELOAD': '/nonexistent.so', 'PYTHONPATH': '/tmp', 'LD_LIBRARY_PATH': '/tmp'},
     check=lambda slot, result: [f'{word} is told' for word in ('SECRET', 'LD_', 'PYTHONPATH', 'SBX') if word in result.out])

# network and IPC

row(69, 'addresses near and far, sockets of services, netlink, AF_ALG, AF_VSOCK, raw', 'unreachable, or no such family')
for probe in ('tcp-connect 8.8.8.8 53', 'tcp-connect 169.254.169.254 80', 'socket-families', 'netlink-protocols'):
    shut(probe)
shut('unix-connect @sbx-grading', before=[A, 'with-unix', '@sbx-grading'])
shut('unix-connect /var/run/docker.sock')

row(70, 'bind and connect on 127.0.0.1', 'ok')
case('loopback', 'ok', options=[option('syscalls.allow', '@socket @inet')], on=BOXED)
case('loopback', 'exit 1', name='loopback, as grader.ini has it: there are no sockets', out='EPERM')

row(71, 'System V memory, semaphores and messages, a queue: left behind', 'gone')
case('leave', 'ok', out='shared memory', options=[option('syscalls.base', 'default')], on=BOXED)

row(72, 'a key is left', 'gone, or refused')
case('leave', 'ok', name='leave, and its key', check=lambda slot, result: ['there is a key'] if 'key' in result.out else [])

row(74, 'files left in /tmp, /var/tmp, /run/lock, /dev/shm', 'gone')
case('leave', 'ok', name='leave, and its files', out='file in /tmp', on=BOXED)
