/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* steps: one function a step, and what the steps of one sandbox share. */
#pragma once

#include <stdbool.h>

#include "plan/plan.h"
#include "init/resolve.h"
#include "init/status.h"

/* The state of init, on its stack, and, since the payload is made by vfork and shares memory until its exec, of the
 * payload too. */
struct sandbox {
	const struct plan *plan;
	const uint8_t *marks; /* of share.h; NULL: all steps are done */
	uint8_t share;        /* which of them are */
	struct new_root root;
	int scratch;           /* mount of the scratch tmpfs; -1 */
	unsigned scratch_dirs; /* made so far, also for overlays */
	int sysctl;            /* /proc/sys, writable; -1 */
	int box;               /* mount of the box's tmpfs; -1 */
	int proc;              /* mount of the sandbox's /proc, writable; -1 */
	int status;            /* socket to the monitor */
	int program;           /* sbx-init, opened */
	int image;             /* a mount that lies nowhere: that of a sealed image; -1 */
	int stdio[3];          /* fds that become 0, 1 and 2; -1: /dev/null of the sandbox; -2: the terminal */
	int terminal;          /* slave of the sandbox's own terminal; -1 */
	int landlock;          /* ruleset; -1 */
	int listener;          /* of denied system calls; -1 */
	int schedstat;         /* /proc/PID/schedstat of the payload, once that runs; -1 */
	int counter[2];        /* of what all do, and of init alone; -1 */
	int64_t start_cpu_ns;  /* processor time of init when it began */
	/* written by the payload before its exec, read by init after the vfork returned */
	volatile int failed_step; /* -1: none */
	volatile int exec_errno;
	volatile int exec_folder; /* in which of the folders of the search path, from 1; 0: in none */
	volatile int64_t exec_time_ns, payload_cpu_ns;
	volatile int turn; /* many-ids.h */
	struct err err;
	char **environ, **argv; /* of the payload, one behind the other */
	size_t texts_size;      /* of both, in bytes; 0: they are not made */
};

/* Of a sandbox of which nothing is there yet. */
#define SANDBOX_NONE                                                                                                   \
	.root = NEW_ROOT_NONE, .scratch = -1, .box = -1, .proc = -1, .sysctl = -1, .status = -1, .program = -1,        \
	.image = -1, .terminal = -1, .landlock = -1, .listener = -1, .schedstat = -1, .counter = {-1, -1},             \
	.failed_step = -1

typedef int step_fn(struct sandbox *s, const struct step *step, struct err *e);

/* mounts.c */
step_fn do_private, do_root, do_scratch, do_mkdir, do_symlink, do_file, do_bind, do_scratch_dir, do_hide;
/* image.c */
step_fn do_image;
/* overlay.c */
step_fn do_overlay;
/* box.c */
step_fn do_box, do_box_mount;
/* kernel-mounts.c */
step_fn do_proc, do_devpts, do_namespace_limit, do_proc_read_only, do_seal_proc, do_seal, do_pivot;
/* system.c */
step_fn do_subreaper, do_loopback, do_hostname, do_keyring, do_session, do_terminal;
/* count.c */
step_fn do_counter;
/* identity.c */
step_fn do_root_group, do_set_ids, do_inner_user, do_inner_limit, do_inner_namespaces;
/* limits.c */
step_fn do_rlimit, do_affinity, do_nice, do_umask, do_personality, do_no_writable_code;
/* privilege.c */
step_fn do_init_drop, do_capabilities, do_no_new_privs;
/* landlock.c */
step_fn do_signal_scope, do_landlock, do_landlock_path, do_landlock_port, do_landlock_enforce;
/* exec.c */
step_fn do_chdir, do_filter, do_environment, do_close_fds, do_exec;

/* Does every step of `actor`, in order. On failure *ret_step is the index of the step, and the text starts with its
 * number, name and reason. */
int walk(struct sandbox *s, enum actor actor, int *ret_step, struct err *e) __attribute__((nonnull));

/* share.c: hands the namespaces that a template is to the monitor, opened while the host's /proc is there. */
struct share_namespaces {
	int fd[3]; /* user, mount, and network where that is shared; -1 */
};
#define SHARE_NAMESPACES_NONE                                                                                          \
	{                                                                                                              \
		{                                                                                                      \
			-1, -1, -1                                                                                     \
		}                                                                                                      \
	}
int share_open(const struct plan *plan, struct share_namespaces *ret, struct err *e) __attribute__((nonnull));
int share_send(int socket, const struct share_namespaces *namespaces, struct err *e) __attribute__((nonnull));
/* What a run finds in its template: the root, and a /proc that the run's own will cover. */
int share_enter(struct sandbox *s, struct err *e) __attribute__((nonnull));

/* SIGPIPE, SIGXFSZ and the mask as a program expects them. */
int plain_signals(struct err *e) __attribute__((nonnull));
/* Becomes whom the SET_IDS step says, by raw calls, since the memory may be shared; reads it back. */
int become_user(const struct plan *plan, const struct step *step, struct err *e) __attribute__((nonnull));

/* The kernel ends init when the monitor ends; fails if it has ended already. */
int die_with_monitor(const struct sandbox *s, struct err *e) __attribute__((nonnull));

/* The most user namespaces that may be made below the one that this process is in. */
int limit_namespaces(const struct sandbox *s, uint64_t most, struct err *e) __attribute__((nonnull));
/* A tmpfs of its own, as a detached mount: an fd that keeps it. */
int make_tmpfs(uint64_t bytes, uint64_t inodes, const char *mode, struct err *e) __attribute__((nonnull));
/* The mount flags of a plan, with private propagation, on a detached mount and all below it. */
int mount_attributes(int mount, uint64_t attr, bool recursive, struct err *e) __attribute__((nonnull));
/* Puts a detached mount onto an existing path of the new root. */
int mount_on(struct sandbox *s, int mount, const char *target, struct err *e) __attribute__((nonnull));
