/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/box.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/coverage.h"
#include "base/mem.h"
#include "base/sys.h"
#include "init/init.h"
#include "run/template.h"

/* Over what has an id of the sandbox, and nothing else: CHOWN, DAC_OVERRIDE, FOWNER. */
enum { CARRIER_CAPABILITIES = 1 << 0 | 1 << 1 | 1 << 3 };

_Static_assert((int)CARRY_PATTERNS == (int)PLAN_MAX_PATTERNS, "a plan may have as many patterns as can be carried");

/* Memory of monitor and carrier. */
struct shared {
	struct carried done;
	struct err err;
	bool well;
};

typedef int work_fn(const struct monitor *m, struct carried *done, struct err *e);

/* `inside`: files will be made there, and not on the host. */
static int join_sandbox(const struct monitor *m, pid_t monitor, bool inside, struct err *e)
{
	if (setns(m->box_user, CLONE_NEWUSER) < 0)
		return err_errno(e, errno, "join the user namespace of the sandbox");
	/* what is made in the sandbox must have ids of it; of an isolated user's the caller's group is none */
	if (inside && syscall(SYS_setresgid, 0, 0, 0) < 0)
		return err_errno(e, errno, "take a group of the sandbox");
	if (init_capabilities(CARRIER_CAPABILITIES, e) < 0)
		return -e->code;
	/* only now: the change of rights before has cleared it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, errno, "prctl");
	return getppid() == monitor ? 0 : err_set(e, ESRCH, "sbx has ended");
}

static int wait_for_carrier(pid_t carrier, const struct shared *shared, struct err *e)
{
	int status = 0;

	while (waitpid(carrier, &status, __WALL) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "wait for the process that carries files");
	if (shared->well)
		return 0;
	if (!shared->err.code)
		return err_set(e, EIO, "the process that carries files was ended by signal %d", WTERMSIG(status));
	*e = shared->err;
	return -e->code;
}

/* Does `work` in the carrier; `ret` is NULL for what goes in. */
static int carry(const struct monitor *m, work_fn *work, struct carried *ret, struct err *e)
{
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t monitor = getpid(), carrier;
	int r;

	if (shared == MAP_FAILED)
		return err_errno(e, errno, "make memory to share");
	carrier = fork();
	if (carrier == 0) {
		shared->well = join_sandbox(m, monitor, ret == NULL, &shared->err) == 0 &&
			       work(m, &shared->done, &shared->err) == 0;
		coverage_keep();
		_exit(0);
	}
	r = carrier < 0 ? err_errno(e, errno, "make the process that carries files")
			: wait_for_carrier(carrier, shared, e);
	if (r == 0 && ret)
		*ret = shared->done;
	(void)munmap(shared, sizeof *shared);
	return r;
}

static int fill(const struct monitor *m, struct carried *done, struct err *e)
{
	const struct carry rules = {
		.owner = plan_text(m->plan, plan_find(m->plan, STEP_BOX_MOUNT)->b),
		.file_size = UINT64_MAX,
		.bytes = UINT64_MAX,
		.strict = true,
	};

	if (carry_tree(m->box.files, m->box_mount, &rules, done, e) == 0)
		return 0;
	if (e->code == ENOSPC)
		(void)err_hint(e, "more is in the box than it holds: box.size, box.inodes");
	return err_prefix(e, "carry the files of the box in");
}

/* The patterns of the plan, without the sign of those that may be missing. Freed with the process. */
static const char **patterns_of(const struct plan *plan, const struct step *step, size_t *ret_count)
{
	const char *at = plan_text(plan, step->data), *end = at + step->size;
	const char **patterns = xcalloc(CARRY_PATTERNS, sizeof *patterns);
	size_t count = 0;

	for (; at < end && count < CARRY_PATTERNS; at += strlen(at) + 1) {
		size_t len = strlen(at);

		patterns[count++] = xstrndup(at, at[len - 1] == '?' ? len - 1 : len);
	}
	*ret_count = count;
	return patterns;
}

static int keep(const struct monitor *m, struct carried *done, struct err *e)
{
	const struct step *step = plan_find(m->plan, STEP_CARRY);
	struct carry rules = {
		.owner = "",
		.file_size = step->n,
		.bytes = plan_find(m->plan, STEP_BOX)->n,
		/* the caller must be able to read and to remove it */
		.file_bits = S_IRUSR,
		.folder_bits = S_IRWXU,
	};
	autoclose int to = store_begin(&m->box, e);
	int r = to;

	rules.patterns = patterns_of(m->plan, step, &rules.pattern_count);
	if (r >= 0)
		r = carry_tree(m->box_mount, to, &rules, done, e);
	if (r == 0)
		r = store_commit(&m->box, e);
	if (r < 0) {
		struct err none;

		(void)store_clean(&m->box, &none); /* it may be a full disk: give back what was taken */
		return err_prefix(e, "keep the files of the box");
	}
	return 0;
}

int box_open(struct monitor *m, struct err *e)
{
	const struct step *step = plan_find(m->plan, STEP_CARRY);

	if (!step)
		return 0;
	if (m->template) { /* then init does not tell which it is in */
		m->box_user = fcntl(m->template->fd[0], F_DUPFD_CLOEXEC, 3);
		if (m->box_user < 0)
			return err_errno(e, errno, "duplicate the user namespace of a template");
	}
	return store_open(plan_text(m->plan, step->a), &m->box, e);
}

bool box_arrived(const struct monitor *m)
{
	return m->box.folder < 0 || (m->box_mount >= 0 && m->box_user >= 0);
}

int box_fill(struct monitor *m, struct err *e)
{
	return m->box.folder < 0 ? 0 : carry(m, fill, NULL, e);
}

bool box_is_full(const struct monitor *m)
{
	struct statfs fs;

	return m->box_mount >= 0 && fstatfs(m->box_mount, &fs) == 0 && (fs.f_bfree == 0 || fs.f_ffree == 0);
}

int box_keep(struct monitor *m, struct err *e)
{
	int r;

	if (m->box.folder < 0)
		return 0;
	m->outcome->box = xcalloc(1, sizeof *m->outcome->box);
	r = carry(m, keep, m->outcome->box, e);
	if (r < 0) {
		mem_free_ptr(&m->outcome->box);
		m->outcome->box = NULL;
	}
	return r;
}

void box_close(struct monitor *m)
{
	store_close(&m->box);
	mem_close_ptr(&m->box_mount);
	mem_close_ptr(&m->box_user);
	m->box_mount = m->box_user = -1;
}
