/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan: the complete, ordered list of what will be done; no decision is left in it. Printed by --explain, walked by
 * run/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Who does a step, in the order in which the actors come to life.
 *   MONITOR  sbx itself, as the caller, in the host's namespaces
 *   INIT     pid 1 of the sandbox, root of the outer user namespace (on the host: the caller)
 *   PAYLOAD  the process that becomes the program, in the inner user namespace */
enum actor { ACTOR_MONITOR, ACTOR_INIT, ACTOR_PAYLOAD };

/* Phases in the order in which they must come; plan_verify checks it. */
enum phase {
	PHASE_PREPARE,   /* monitor: cgroups, files for output */
	PHASE_NAMESPACE, /* monitor: clone3 */
	PHASE_MOUNT,     /* init: the new root is built */
	PHASE_ROOT,      /* init: pivot_root; nothing of the host can be named any more */
	PHASE_SYSTEM,    /* init: loopback, host name, terminal, keyring */
	PHASE_IDENTITY,  /* init gives up its rights; payload enters the inner user namespace */
	PHASE_LIMIT,     /* payload: rlimits, nice, umask */
	PHASE_PRIVILEGE, /* payload: capabilities, no_new_privs */
	PHASE_LANDLOCK,
	PHASE_READY, /* payload: environment, fds: the last that needs calls of its own */
	PHASE_FILTER,
	PHASE_EXEC,
};

enum step_kind {
#define K(id, name, actor, phase, syscalls, help) STEP_##id,
#include "plan/kinds.def"
#undef K
	STEP_COUNT
};

struct step_info {
	const char *name;
	enum actor actor;
	enum phase phase;
	const char *syscalls; /* the system calls it makes, in order, separated by blanks; "" for none */
	const char *help;
};
extern const struct step_info step_info[STEP_COUNT];

/* Texts and bytes live in the plan's pool and are named by offset, so that a plan can be written and read back as it
 * is. */
struct step {
	enum step_kind kind;
	uint32_t a, b;       /* offsets of NUL-terminated texts; 0 is "" */
	uint32_t data, size; /* offset and length of bytes; 0, 0: none */
	uint64_t n, m;       /* meaning: see kinds.def */
	uint32_t why;        /* offset of the origin: "/etc/sbx/profiles/x.ini:12", "--ro", "default" */
};

struct plan {
	struct step *step;
	size_t count, cap;
	struct str pool; /* pool.s[0] is NUL */
};

enum { PLAN_MAX_STEPS = 4096, PLAN_MAX_POOL = 4 << 20, PLAN_MAX_PATTERNS = 256 /* of a box */, PLAN_MAX_LAYERS = 128 };

/* Flags of BIND, TMPFS, PROC ... in n: the kernel's MOUNT_ATTR_* values. What a bind must find, in m: */
enum { BIND_ANY = 0, BIND_FOLDER = 1, BIND_NOT_FOLDER = 2, BIND_CHAR = 3 /* rdev in the upper 32 bits of m */ };

/* What is in the fourth argument of the execve by which the payload becomes the program, where the kernel has no use
 * for it: only so a filter can tell it from the program's own. */
enum { PLAN_EXEC_MARK = 0x5b0c0de5, PLAN_EXEC_MARK_ARGUMENT = 3 };

/* What becomes of fd 0, 1 or 2 (STDIO step, m): /dev/null, a pipe of the monitor (from the caller's fd, or file a), the
 * sandbox's own terminal, a file of the host by a pipe, the caller's fd itself, or (of fd 2) what fd 1 is. */
enum stdio_plan {
	STDIO_PLAN_NULL,
	STDIO_PLAN_RELAY,
	STDIO_PLAN_TERMINAL,
	STDIO_PLAN_FILE,
	STDIO_PLAN_INHERIT,
	STDIO_PLAN_OUTPUT,
};

/* Adds a step. `a`, `b` may be NULL; `why` must not be empty. The result is valid until the next plan_add. */
struct step *plan_add(struct plan *plan, enum step_kind kind, const char *why, const char *a, const char *b, uint64_t n,
		      uint64_t m) __attribute__((nonnull(1, 3)));
/* Gives the newest step its bytes. */
void plan_data(struct plan *plan, const void *bytes, size_t size) __attribute__((nonnull));
/* Others for a step that is there; and another text `a`. */
void plan_set_data(struct plan *plan, size_t at, const void *bytes, size_t size) __attribute__((nonnull));
void plan_set_text(struct plan *plan, size_t at, const char *a) __attribute__((nonnull));
void plan_done(struct plan *plan);

/* As bytes, and back, for another process of the same build. What is read is verified: EINVAL; ESTALE: of another
 * build. */
void plan_encode(const struct plan *plan, struct str *out) __attribute__((nonnull));
int plan_decode(const struct str *bytes, struct plan *ret, struct err *e) __attribute__((nonnull));

static inline const char *plan_text(const struct plan *plan, uint32_t offset)
{
	return plan->pool.s + offset;
}
/* The first step of a kind, or NULL. */
const struct step *plan_find(const struct plan *plan, enum step_kind kind) __attribute__((nonnull));

/* One line a step: number, actor, name, operands, and the reason. Texts are escaped. */
void plan_print(const struct plan *plan, struct str *out) __attribute__((nonnull));
/* The same as JSON: {"sbx":1,"steps":[{"step":1,"actor":"init","do":"bind", ..., "why":"..."}]}. */
void plan_print_json(const struct plan *plan, struct str *out) __attribute__((nonnull));
/* What every plan must satisfy, whoever made it: offsets inside the pool, phases in order, the mandatory steps there.
 */
int plan_verify(const struct plan *plan, struct err *e) __attribute__((nonnull));
