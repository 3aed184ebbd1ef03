/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-init: pid 1 of the sandbox while the payload runs.
 *
 * The process that built the sandbox (init/init.c) becomes this program once the payload has been started: a few pages,
 * no libc, nothing in memory that the caller of sbx had. It waits for
 *   - children: it reaps all that is left to it, and reports the payload's stops and its end;
 *   - signals from outside its pid namespace (si_pid is 0), which it passes to the payload.
 * When the payload has ended it kills and reaps all that is left, reports and exits; the kernel then ends the
 * namespace.
 *
 * Without a pid namespace it is not pid 1, but the reaper of all that the payload leaves, and a Landlock domain keeps
 * its signals among them: so the same kill ends all of them, and nobody else.
 *
 *   sbx-init PID HOW ALL OWN   the payload; HOW: t or -, whether to report at once; b or -, whether there is no pid
 * namespace; fd 0: socket to the monitor; fd 1: mount of the private folders, if there is one; fd 2: the payload's
 * /proc/PID/schedstat, if there is one; ALL and OWN: fds of counters, whose difference is the payload's; -1: none
 *
 * All signals are blocked and no capability is left when it starts, and it dies with the monitor. A failure ends it,
 * and with it the sandbox. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "base/raw.h"
#include "init/init.h"
#include "init/status.h"

enum { SOCKET = 0, SCRATCH = 1, SCHEDSTAT = 2, FAILED = 125, KERNEL_SIGSET = 8, NANO = 1000000000 };

static long payload;         /* its pid */
static long counter[2];      /* fds; -1 */
static long outside;         /* si_pid of signals from outside: the monitor's pid; 0 in a pid namespace */
static struct status status; /* of the record that is sent next; not on the stack, so that nothing has to clear it */

static void end(int code) __attribute__((noreturn));
static void end(int code)
{
	for (;;)
		(void)raw_call(SYS_exit_group, code, 0, 0, 0, 0);
}

static int64_t now(clockid_t clock)
{
	struct timespec t;

	if (raw_call(SYS_clock_gettime, clock, (long)&t, 0, 0, 0) < 0)
		end(FAILED);
	return (int64_t)t.tv_sec * NANO + t.tv_nsec;
}

static void report(enum status_type type)
{
	long r;

	status.type = type;
	do
		r = raw_call(SYS_sendto, SOCKET, (long)&status, sizeof status, MSG_NOSIGNAL, 0);
	while (r == -EINTR);
	if (r < 0)
		end(FAILED); /* nobody is there to hear */
}

/* A counter that had to share the processor's has missed something. */
static int64_t counted_by(long fd)
{
	struct {
		uint64_t value, enabled_ns, running_ns;
	} now;

	if (fd < 0 || raw_call(SYS_read, fd, (long)&now, sizeof now, 0, 0) != sizeof now ||
	    now.running_ns < now.enabled_ns)
		return -1;
	return (int64_t)now.value;
}

static int64_t counted(void)
{
	int64_t all = counted_by(counter[0]), own = counted_by(counter[1]);

	if (all < 0 || own < 0)
		return -1;
	return all > own ? all - own : 0;
}

static bool disk_full(void)
{
	struct statfs fs;

	return raw_call(SYS_fstatfs, SCRATCH, (long)&fs, 0, 0, 0) == 0 && (fs.f_bfree == 0 || fs.f_ffree == 0);
}

static void ended(int wait_status) __attribute__((noreturn));
static void ended(int wait_status)
{
	siginfo_t info;
	long r;

	status.time_ns = now(CLOCK_MONOTONIC);
	status.disk_full = disk_full();
	r = raw_call(SYS_kill, -1, SIGKILL, 0, 0, 0); /* all but ourselves */
	if (r < 0 && r != -ESRCH)
		end(FAILED);
	/* dead, but not reaped: all is counted then. ECHILD: it is reaped already, and reap() has read it before. */
	while (raw_call(SYS_waitid, P_PID, payload, (long)&info, WEXITED | WNOWAIT, 0) == -EINTR)
		;
	schedstat_read(SCHEDSTAT, &status.main);
	do
		r = raw_call(SYS_wait4, -1, 0, __WALL, 0, 0);
	while (r >= 0 || r == -EINTR);
	if (r != -ECHILD)
		end(FAILED);
	status.counted = counted();
	status.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
	status.exit_code = WIFSIGNALED(wait_status) ? 0 : WEXITSTATUS(wait_status);
	if (raw_call(SYS_getrusage, RUSAGE_CHILDREN, (long)&status.usage, 0, 0, 0) < 0)
		end(FAILED);
	report(STATUS_ENDED);
	end(0);
}

static void reap(void)
{
	int wait_status;
	long pid;

	schedstat_read(SCHEDSTAT, &status.main); /* of a payload that is reaped it can't be read any more */
	while ((pid = raw_call(SYS_wait4, -1, (long)&wait_status, WNOHANG | WUNTRACED, 0, 0)) > 0) {
		if (pid != payload)
			continue;
		if (!WIFSTOPPED(wait_status))
			ended(wait_status);
		status.signal = WSTOPSIG(wait_status);
		report(STATUS_STOPPED);
	}
	if (pid < 0 && pid != -EINTR) /* not ECHILD either: the payload is a child until it is reaped */
		end(FAILED);
}

/* In a session of its own the payload is an orphan for job control, and the kernel lets no SIGTSTP stop it. */
static long for_payload(long sig)
{
	return sig == SIGTSTP && raw_call(SYS_getsid, payload, 0, 0, 0, 0) == payload ? SIGSTOP : sig;
}

static void serve(void) __attribute__((noreturn));
static void serve(void)
{
	uint64_t all = UINT64_MAX;

	for (;;) {
		siginfo_t info;
		long sig = raw_call(SYS_rt_sigtimedwait, (long)&all, (long)&info, 0, KERNEL_SIGSET, 0);

		if (sig < 0 && sig != -EINTR)
			end(FAILED);
		if (sig == SIGCHLD)
			reap();
		else if (sig < 0 || info.si_code != SI_USER || info.si_pid != outside)
			continue; /* not from outside; what the payload sends us is its own affair */
		else if (sig == INIT_SIGNAL_END)
			ended(SIGKILL);
		else
			(void)raw_call(SYS_kill, sig == SIGCONT ? -payload : payload, for_payload(sig), 0, 0, 0);
	}
}

/* When the monitor dies all must, not only init. And that no signal reaches the monitor shows that the domain is there,
 * without which ended() would kill all processes of the user. */
static void without_namespace(void)
{
	if (raw_call(SYS_kill, outside, 0, 0, 0, 0) != -EPERM ||
	    raw_call(SYS_prctl, PR_SET_PDEATHSIG, INIT_SIGNAL_END, 0, 0, 0) < 0)
		end(FAILED);
	if (raw_call(SYS_getppid, 0, 0, 0, 0, 0) != outside)
		ended(SIGKILL);
}

/* -1: it is none. */
static long number(const char *digits)
{
	long n = 0;

	for (; *digits >= '0' && *digits <= '9' && n < 1 << 22; digits++)
		n = n * 10 + (*digits - '0');
	return *digits ? -1 : n;
}

/* Where the kernel starts the program: the stack has argc, then argv. */
void start(const long *stack) __attribute__((noreturn, used));
void start(const long *stack)
{
	bool called_rightly = stack[0] == 5;
	const char *how = called_rightly ? (const char *)stack[3] : "--";

	payload = called_rightly ? number((const char *)stack[2]) : -1;
	for (int i = 0; i < 2; i++)
		counter[i] = called_rightly ? number((const char *)stack[4 + i]) : -1;
	if (how[0] && how[1] == 'b')
		outside = raw_call(SYS_getppid, 0, 0, 0, 0, 0);
	if (payload < 2 || (!outside && raw_call(SYS_getpid, 0, 0, 0, 0, 0) != 1))
		end(FAILED);
	if (outside)
		without_namespace();
	/* the payload may have the same id: what is in this memory is nevertheless not its affair */
	if (raw_call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    raw_call(SYS_prctl, PR_SET_NAME, (long)"sbx-init", 0, 0, 0) < 0)
		end(FAILED);
	status.main = (struct schedstat)SCHEDSTAT_UNKNOWN;
	status.init_cpu_ns = now(CLOCK_PROCESS_CPUTIME_ID);
	if (how[0] == 't')
		report(STATUS_SERVING);
	serve();
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txorl %ebp, %ebp\n\tmovq %rsp, %rdi\n\tandq $-16, %rsp\n\tcall start\n\thlt\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl start\n\tbrk #0\n");
#endif
