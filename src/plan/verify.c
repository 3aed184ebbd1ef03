/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every plan must satisfy, whoever made it. */
#include "plan/verify.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <sched.h>
#include <string.h>
#include <sys/types.h>

#include "base/mem.h"
#include "base/sys.h"

/* Steps of which there is one in every plan; in one with namespaces; in one whose user namespaces are its own; in one
 * without namespaces. */
static const enum step_kind once[] = {STEP_INIT_PROGRAM, STEP_KEYRING,   STEP_CAPABILITIES, STEP_NO_NEW_PRIVS,
				      STEP_CHDIR,        STEP_CLOSE_FDS, STEP_ENVIRONMENT,  STEP_EXEC};
static const enum step_kind namespaced[] = {STEP_NAMESPACES, STEP_PRIVATE,         STEP_ROOT,  STEP_SCRATCH,
					    STEP_PROC,       STEP_NAMESPACE_LIMIT, STEP_PIVOT, STEP_INIT_DROP};
static const enum step_kind sealed[] = {STEP_SEAL}, image[] = {STEP_IMAGE};
static const enum step_kind own[] = {STEP_ID_MAP, STEP_INNER_USER, STEP_INNER_LIMIT};
static const enum step_kind bare[] = {STEP_SUBREAPER, STEP_SIGNAL_SCOPE, STEP_LANDLOCK, STEP_FILTER};
static const enum step_kind never_gated[] = {STEP_ID_MAP,      STEP_ID_HELPER, STEP_ROOT_GROUP,      STEP_INNER_USER,
					     STEP_INNER_LIMIT, STEP_SET_IDS,   STEP_INNER_NAMESPACES};

/* A text lies in the pool and ends there. */
static bool good_text(const struct plan *plan, uint32_t offset)
{
	return offset < plan->pool.len && memchr(plan->pool.s + offset, '\0', plan->pool.len - offset);
}

static bool good_offsets(const struct plan *plan, const struct step *step)
{
	return good_text(plan, step->a) && good_text(plan, step->b) && good_text(plan, step->why) && step->why &&
	       step->data <= plan->pool.len && step->size <= plan->pool.len - step->data;
}

bool verify_normal(const char *path)
{
	if (path[0] != '/')
		return false;
	for (const char *p = path; *p;) {
		size_t len = strcspn(p + 1, "/");

		if (len == 0 || (len == 1 && p[1] == '.') || (len == 2 && p[1] == '.' && p[2] == '.'))
			return false;
		p += len + 1;
	}
	return true;
}

/* Nothing that is mounted may give a user another's rights. */
static int check_mount(const struct plan *plan, const struct step *step, struct err *e)
{
	bool of_host = step->kind == STEP_BIND || step->kind == STEP_OVERLAY;
	const char *target = plan_text(plan, of_host ? step->b : step->a);
	uint64_t attr = of_host ? step->n : step->m;
	bool device = step->kind == STEP_BIND && (step->m & UINT32_MAX) == BIND_CHAR;

	switch (step->kind) {
	case STEP_BIND:
	case STEP_OVERLAY:
	case STEP_SCRATCH_DIR:
	case STEP_BOX_MOUNT:
		if (!(attr & ATTR_NOSUID))
			return err_set(e, EINVAL, "'%s' would be mounted without nosuid", target);
		if (!(attr & ATTR_NODEV) && !device)
			return err_set(e, EINVAL, "'%s' would be mounted without nodev", target);
		break;
	case STEP_MKDIR:
	case STEP_SYMLINK:
	case STEP_FILE:
	case STEP_HIDE:
	case STEP_PROC:
	case STEP_SEAL_PROC:
	case STEP_DEVPTS:
		break;
	default:
		return 0;
	}
	return verify_normal(target) ? 0 : err_set(e, EINVAL, "'%s' is not an absolute, normal path", target);
}

bool verify_texts(const char *data, uint32_t size, size_t most)
{
	for (uint32_t i = 0; i < size; i++) {
		if (data[i])
			continue;
		if (i == 0 || !data[i - 1] || most-- == 0)
			return false;
	}
	return size == 0 || !data[size - 1];
}

static int check_image(const struct plan *plan, const struct step *step, struct err *e)
{
	const char *data = plan_text(plan, step->data);

	if (plan_find(plan, STEP_SEALED) ? step->size || step->m : step->size <= (step->m ? strlen(data) + 1 : 0))
		return err_set(e, EINVAL, "the image has neither a list of layers nor a file, or both");
	if (!verify_texts(data, step->size, PLAN_MAX_LAYERS + (step->m ? 1 : 0)))
		return err_set(e, EINVAL, "the image's list of layers is damaged");
	return (step->n & (ATTR_NOSUID | ATTR_NODEV)) == (ATTR_NOSUID | ATTR_NODEV)
		       ? 0
		       : err_set(e, EINVAL, "the image would be mounted without nosuid or nodev");
}

/* What the steps of run/ take for granted about numbers and bytes. */
static int check_operands(const struct plan *plan, const struct step *step, struct err *e)
{
	const char *data = plan_text(plan, step->data), *a = plan_text(plan, step->a);

	switch (step->kind) {
	case STEP_CARRY:
		return a[0] == '/' && verify_texts(data, step->size, PLAN_MAX_PATTERNS)
			       ? 0
			       : err_set(e, EINVAL, "the box has no folder, or no list of patterns");
	case STEP_IMAGE:
		return check_image(plan, step, e);
	case STEP_OVERLAY:
		return a[0] == '/' && verify_texts(data, step->size, 1) && (!step->size || data[0] == '/')
			       ? 0
			       : err_set(e, EINVAL, "the overlay of '%s' has no folder", a);
	case STEP_BOX:
		return step->n && step->m ? 0 : err_set(e, EINVAL, "the box would have no bounds");
	case STEP_ENVIRONMENT:
	case STEP_EXEC:
		if (step->size ? data[step->size - 1] != '\0' : step->kind == STEP_EXEC)
			return err_set(e, EINVAL, "%s has no list of texts", step_info[step->kind].name);
		return 0;
	case STEP_FILTER:
	case STEP_RECORD:
		if (!step->size || step->size % sizeof(struct sock_filter) ||
		    step->size / sizeof(struct sock_filter) > BPF_MAXINSNS)
			return err_set(e, EINVAL, "%u bytes are no filter", step->size);
		return 0;
	case STEP_SET_IDS:
		return step->size % sizeof(gid_t) ? err_set(e, EINVAL, "%u bytes are no groups", step->size) : 0;
	case STEP_STDIO:
		if (step->m == STDIO_PLAN_OUTPUT && step->n != 2)
			return err_set(e, EINVAL, "fd %llu can't be what fd 1 is", (unsigned long long)step->n);
		return step->n <= 2 ? 0 : err_set(e, EINVAL, "fd %llu is no standard one", (unsigned long long)step->n);
	case STEP_KEEP_FD:
		return step->n > 2 && step->n <= INT_MAX
			       ? 0
			       : err_set(e, EINVAL, "fd %llu can't be kept", (unsigned long long)step->n);
	case STEP_PROC_READ_ONLY:
		return verify_normal(a) && str_starts(a, "/proc/") ? 0
								   : err_set(e, EINVAL, "'%s' is not below /proc", a);
	case STEP_BIND:
	case STEP_HOST_MKDIR:
	case STEP_HOST_FILE:
	case STEP_INIT_PROGRAM:
	case STEP_ID_HELPER:
	case STEP_LAYER:
	case STEP_OPEN_SESSION:
	case STEP_CHDIR:
		return a[0] == '/' ? 0 : err_set(e, EINVAL, "'%s' is not absolute", a);
	default:
		return 0;
	}
}

/* Rules without the step that enforces them, or after it, would be no wall at all. */
static int check_landlock(const struct plan *plan, struct err *e)
{
	bool made = false, enforced = false;

	for (size_t i = 0; i < plan->count; i++) {
		enum step_kind kind = plan->step[i].kind;

		if (kind != STEP_LANDLOCK && kind != STEP_LANDLOCK_PATH && kind != STEP_LANDLOCK_PORT &&
		    kind != STEP_LANDLOCK_ENFORCE)
			continue;
		if (enforced || made == (kind == STEP_LANDLOCK))
			return err_set(e, EINVAL, "step %zu of the plan: %s is out of place", i + 1,
				       step_info[kind].name);
		made = true;
		enforced = kind == STEP_LANDLOCK_ENFORCE;
	}
	return made == enforced ? 0 : err_set(e, EINVAL, "the plan makes Landlock rules and does not enforce them");
}

static int check_step(const struct plan *plan, size_t index, enum phase *phase, struct err *e)
{
	const struct step *step = &plan->step[index];

	if ((unsigned)step->kind >= STEP_COUNT || !good_offsets(plan, step))
		return err_set(e, EINVAL, "it is damaged");
	if (step_info[step->kind].phase < *phase)
		return err_set(e, EINVAL, "%s comes too late", step_info[step->kind].name);
	*phase = step_info[step->kind].phase;
	if (check_mount(plan, step, e) < 0)
		return -e->code;
	return check_operands(plan, step, e);
}

static int check_count(const struct plan *plan, enum step_kind kind, size_t wanted, struct err *e)
{
	size_t found = 0;

	for (size_t i = 0; i < plan->count; i++)
		found += plan->step[i].kind == kind;
	if (found != wanted)
		return err_set(e, EINVAL, "the plan has %zu steps %s", found, step_info[kind].name);
	return 0;
}

static int check_counts(const struct plan *plan, const enum step_kind *kinds, size_t count, size_t wanted,
			struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (check_count(plan, kinds[i], wanted, e) < 0)
			return -e->code;
	return 0;
}

/* A gated payload is in the user namespace that owns the mounts: no capability, and no namespace below. */
static int check_gated(const struct plan *plan, struct err *e)
{
	if (check_counts(plan, never_gated, countof(never_gated), 0, e) < 0)
		return -e->code;
	if (plan_find(plan, STEP_CAPABILITIES)->n || plan_find(plan, STEP_NAMESPACE_LIMIT)->n)
		return err_set(e, EINVAL, "the plan gives away what a gate does not allow");
	return check_count(plan, STEP_GATE, 1, e);
}

static int check_namespaced(const struct plan *plan, struct err *e)
{
	const uint64_t least = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	bool gated = plan_find(plan, STEP_GATE) != NULL;
	uint64_t made;
	int r = check_counts(plan, namespaced, countof(namespaced), 1, e);

	if (r == 0)
		r = gated ? check_gated(plan, e) : check_counts(plan, own, countof(own), 1, e);
	if (r < 0)
		return r;
	made = plan_find(plan, STEP_NAMESPACES)->n;
	if ((made & least) != least || !(made & CLONE_NEWUSER) != gated)
		return err_set(e, EINVAL, "the plan makes too few namespaces, or one too many");
	if (plan_find(plan, STEP_IMAGE) ? gated || check_counts(plan, image, countof(image), 1, e) < 0
					: check_counts(plan, sealed, countof(sealed), 1, e) < 0)
		return gated ? err_set(e, EINVAL, "a gate mounts no images") : -e->code;
	if (plan_find(plan, STEP_NAMESPACES)->m & ~(made & CLONE_NEWNET))
		return err_set(e, EINVAL, "the plan shares a namespace that only the network may be");
	return 0;
}

/* Without namespaces: Landlock and the filter are all there is, and nothing may be mounted or covered on the host. */
static int check_bare(const struct plan *plan, struct err *e)
{
	const struct step *skipped = plan_find(plan, STEP_SKIP);

	for (size_t i = 0; i < plan->count; i++) {
		enum step_kind kind = plan->step[i].kind;

		if (step_info[kind].phase > PHASE_PREPARE && step_info[kind].phase <= PHASE_ROOT)
			return err_set(e, EINVAL, "the plan makes no namespaces, but has a step %s",
				       step_info[kind].name);
	}
	if (!skipped || plan_find(plan, STEP_CAPABILITIES)->n || plan_find(plan, STEP_HOSTNAME) ||
	    plan_find(plan, STEP_LOOPBACK) || plan_find(plan, STEP_TERMINAL) || plan_find(plan, STEP_INNER_USER))
		return err_set(e, EINVAL, "the plan makes no namespaces, but has a step for one");
	if (check_counts(plan, bare, countof(bare), 1, e) < 0)
		return -e->code;
	return plan_find(plan, STEP_LANDLOCK)->m >> 32 == 3
		       ? 0
		       : err_set(e, EINVAL,
				 "the plan makes no namespaces, and leaves signals or abstract sockets open");
}

/* What is carried in must have a place, and what has a place must be carried out. */
static int check_box(const struct plan *plan, struct err *e)
{
	static const enum step_kind parts[] = {STEP_CARRY, STEP_BOX, STEP_BOX_MOUNT};
	size_t wanted = plan_find(plan, STEP_CARRY) ? 1 : 0;

	if (wanted && (plan_find(plan, STEP_GATE) || plan_find(plan, STEP_SUBREAPER)))
		return err_set(e, EINVAL, "the plan has a box, and no user namespace to carry it");
	return check_counts(plan, parts, countof(parts), wanted, e);
}

/* Whoever is told of calls must be able to answer. */
static int check_record(const struct plan *plan, struct err *e)
{
	enum { NEW_LISTENER = 8 }; /* SECCOMP_FILTER_FLAG_NEW_LISTENER */
	const struct step *record = plan_find(plan, STEP_RECORD), *filter = plan_find(plan, STEP_FILTER);

	if (!record)
		return 0;
	if (!filter || !(filter->n & NEW_LISTENER) || plan_text(plan, record->a)[0] != '/')
		return err_set(e, EINVAL, "the plan records what is opened, and has no filter that tells, or no file");
	return check_count(plan, STEP_RECORD, 1, e);
}

/* Each copy of a file of the host has a place, and a lock. */
static int check_kept(const struct plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		const char *data = plan_text(plan, step->data);

		if (step->kind == STEP_KEEP &&
		    (!verify_normal(plan_text(plan, step->a)) || !verify_normal(plan_text(plan, step->b)) ||
		     !step->size || !verify_texts(data, step->size, 2) || !verify_normal(data)))
			return err_set(e, EINVAL, "the copy of '%s' has no place", plan_text(plan, step->a));
	}
	return 0;
}

/* What is written to a session is in its folder, which is locked. */
static int check_session(const struct plan *plan, struct err *e)
{
	const struct step *session = plan_find(plan, STEP_OPEN_SESSION);
	const char *folder = session ? plan_text(plan, session->a) : NULL;

	if (plan_find(plan, STEP_GATE) && plan_find(plan, STEP_OVERLAY))
		return err_set(e, EINVAL, "a gate mounts no overlays");
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		const char *data = plan_text(plan, step->data);

		if (((step->kind == STEP_OVERLAY && step->size) || (step->kind == STEP_IMAGE && step->m)) &&
		    (!folder || !str_starts(data, folder) || data[strlen(folder)] != '/'))
			return err_set(e, EINVAL, "'%s' is in no session of the plan", data);
	}
	return session ? check_count(plan, STEP_OPEN_SESSION, 1, e) : 0;
}

/* It is mounted for an image, and who does it is named; read_step of run/sealed.c takes three texts for granted. */
static int check_sealed(const struct plan *plan, struct err *e)
{
	const struct step *step = plan_find(plan, STEP_SEALED);
	const char *data, *by;

	if (!step)
		return 0;
	data = plan_text(plan, step->data);
	by = plan_text(plan, step->b);
	if (!plan_find(plan, STEP_IMAGE) || plan_text(plan, step->a)[0] != '/' ||
	    (by[0] != '/' && !str_eq(by, "kernel")))
		return err_set(e, EINVAL, "the plan has a sealed image that it does not use, or that nobody mounts");
	if (!step->size || !verify_texts(data, step->size, 3) || verify_texts(data, step->size, 2))
		return err_set(e, EINVAL, "the sealed image has no three texts");
	return check_count(plan, STEP_SEALED, 1, e);
}

static int check_mandatory(const struct plan *plan, struct err *e)
{
	int r = check_counts(plan, once, countof(once), 1, e);

	if (r == 0)
		r = plan_find(plan, STEP_SUBREAPER) ? check_bare(plan, e) : check_namespaced(plan, e);
	if (r < 0)
		return r;
	r = check_box(plan, e);
	if (r == 0)
		r = check_record(plan, e);
	if (r == 0)
		r = check_session(plan, e);
	if (r == 0)
		r = check_sealed(plan, e);
	if (r == 0)
		r = verify_services(plan, e);
	if (r == 0)
		r = check_kept(plan, e);
	if (r < 0)
		return r;
	if (plan->step[plan->count - 1].kind != STEP_EXEC)
		return err_set(e, EINVAL, "the plan does not end with exec");
	return 0;
}

int plan_verify(const struct plan *plan, struct err *e)
{
	enum phase phase = PHASE_PREPARE;

	if (!plan->count || plan->count > PLAN_MAX_STEPS || plan->pool.len > PLAN_MAX_POOL)
		return err_set(e, E2BIG, "the plan has %zu steps and %zu bytes of text, at most %d and %d are possible",
			       plan->count, plan->pool.len, PLAN_MAX_STEPS, PLAN_MAX_POOL);
	for (size_t i = 0; i < plan->count; i++)
		if (check_step(plan, i, &phase, e) < 0)
			return err_prefix(e, "step %zu of the plan", i + 1);
	if (check_mandatory(plan, e) < 0)
		return -e->code;
	return check_landlock(plan, e);
}
