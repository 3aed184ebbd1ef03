/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host: facts about the caller and the kernel, read once, before anything is decided; a test can make one by hand. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum node_type { NODE_NONE, NODE_FILE, NODE_FOLDER, NODE_LINK, NODE_CHAR, NODE_BLOCK, NODE_SOCKET, NODE_FIFO };

/* One path of the host's tree, as lstat and readlink see it. */
struct node {
	enum node_type type; /* NODE_NONE: it does not exist, or the caller may not look */
	mode_t mode;
	uid_t uid;
	dev_t rdev;      /* NODE_CHAR, NODE_BLOCK */
	char link[4096]; /* NODE_LINK: its text */
};

enum stdio_kind { STDIO_CLOSED, STDIO_NULL, STDIO_TERMINAL, STDIO_OTHER };

struct id_range {
	uint32_t first, count; /* ids of the caller's own user namespace */
};

/* Where a limit can be put. Found by statfs magic and /proc/self/cgroup, never by path names. */
enum cgroup_kind { CGROUP_NONE, CGROUP_V2, CGROUP_V1, CGROUP_SCOPE };
enum cgroup_controller { CG_MEMORY, CG_PIDS, CG_CPU, CG_CPUACCT, CG_CPUSET, CG_IO, CG_CONTROLLERS };
struct cgroup_place {
	enum cgroup_kind kind; /* CGROUP_SCOPE: systemd's transient scope has to be asked for first */
	char *folder; /* absolute path of the cgroup below which a child can be made; NULL for NONE and SCOPE */
	bool swap;    /* the swap limit file exists */
};

/* An id that no host user and no other live sandbox has; or all of the caller's, which other sandboxes with all of them
 * have too, but none with one. */
struct isolated {
	struct err missing;         /* why there is none; code 0: the rest is filled */
	uid_t uid;                  /* of the caller's subordinate ones; 0: all */
	gid_t gid;                  /* as far in its range as uid is in its own */
	gid_t root_gid;             /* for init's group: no sandbox's program has it */
	struct id_range uids, gids; /* what the caller has; filled as far as it was found */
	int lock;                   /* while it is open, nobody else gets the id; -1 */
};

/* An image as one file: its file system, and who could read it. */
struct host_seal {
	char *file;             /* real path */
	char *form;             /* as the kernel calls it */
	char *state;            /* fd_identity when it was read */
	bool safe;              /* it is root's, and nobody else may write it, or the folders above it */
	const char *fuse_known; /* the program that can show it by FUSE; NULL: none is known */
	char *program;          /* its path; NULL: it is not installed */
	int fuse_errno;         /* why the caller can't open /dev/fuse; 0 */
	char *sbx;              /* path of sbx, in which that program runs */
};

/* An image of sbxctl image, and what a command in it would be started with. */
struct host_image {
	char *digest;               /* of its manifest */
	struct host_seal *seal;     /* NULL: it is of the store, and has layers */
	struct strv layers;         /* folders on the host, from the top down */
	struct strv locks;          /* the folder of each that is locked while it is used */
	struct strv folders, files; /* names in the root, of all layers together; links are not among them */
	struct strv command;        /* entry point and arguments */
	struct strv environment;
	char *home, *user, *folder; /* user: NULL: its id has no name */
	uid_t uid;
	gid_t gid;
};

struct host {
	/* the caller */
	uid_t uid, euid;
	gid_t gid;
	gid_t *groups;
	size_t group_count;
	char *user, *home, *cwd; /* cwd NULL: deleted or unreachable */
	char **environ;          /* borrowed */
	bool gated;              /* in a user namespace that the setuid sbx has made; set by the caller of host_read */
	bool maps_ids;           /* CAP_SETUID, CAP_SETGID and CAP_SYS_ADMIN: may map more than its own id */
	struct id_range uid_range[8], gid_range[8]; /* what the caller's namespace maps; count 0 ends */
	struct isolated *isolated;                  /* NULL: not asked for */
	enum stdio_kind stdio[3];
	uint64_t nofile; /* hard limit of open files */
	/* folders of the caller, absolute; NULL if unset */
	char *config, *cache, *data, *state, *runtime;
	char *downloads, *documents, *music, *pictures, *videos, *desktop;
	char *profile_folder[3]; /* user's, administrator's, installed; NULL if there is none */
	char *helper_folder;     /* libexec/sbx */
	char *boxes;             /* the folder of the caller's boxes; NULL if there is no home */
	char *live;              /* that of the records of what runs; NULL if there is none */
	char *services;          /* that in which services of this process have sockets; likewise */
	char *sbx;               /* path of sbx; NULL: it can't be found out */
	char *runs;              /* that of what ran detached; likewise */
	char *sessions;          /* that of the caller's sessions; likewise */
	char *images;            /* that of the store of images; likewise */
	/* the kernel */
	unsigned kernel[2];       /* major, minor */
	char machine[16];         /* uname -m */
	int landlock_abi;         /* 0: none */
	bool mdwe;                /* PR_SET_MDWE works */
	uint64_t user_namespaces; /* max_user_namespaces; 0: forbidden */
	int namespaces_errno;     /* why the sandbox's namespaces can't be made; 0: they can, or nobody has tried */
	int counters_errno;       /* why instructions can't be counted; 0: they can, or nobody has tried */
	bool no_userns_clone;     /* kernel.unprivileged_userns_clone of Debian is 0 */
	unsigned cpus;            /* that the caller may use */
	struct cgroup_place cgroup[CG_CONTROLLERS];
	bool swap_on;     /* the host has swap space in use; read with the cgroups */
	char io_disk[24]; /* MAJOR:MINOR of the whole disk of cwd; "": on no single disk; read with the cgroups */
	struct host_image *image; /* NULL: none; owned; filled by who knows the store */
	/* the display */
	int x11_display;          /* -1: none, or not a local one */
	void *x11_cookie;         /* 16 bytes; NULL if the server asks for none */
	char *wayland_socket;     /* absolute path; NULL if none */
	struct err x11_untrusted; /* why its server makes no cookie of untrusted clients; code 0: it does, or nobody has
				     asked */
	struct err wayland_context; /* why its compositor knows no sandboxes; likewise. ENOTSUP: since it can't */

	/* One lstat of an absolute path, links not followed at the end. Never fails: what can't be seen is NODE_NONE.
	 */
	void (*look)(const struct host *host, const char *path, struct node *ret);
	/* The names in a folder, sorted, without . and ..; empty if it can't be read. */
	void (*list)(const struct host *host, const char *path, struct strv *ret);
	/* What an fd of the caller is. NODE_NONE: not open; NODE_LINK: it is one of O_PATH, with which anything may be
	 * done. */
	enum node_type (*look_fd)(const struct host *host, int fd);
	/* Is the path on a file system that shows the host's processes or kernel: a proc, a tracefs? */
	bool (*is_kernels)(const struct host *host, const char *path);
	/* Where such are mounted. 0, or a negative errno. */
	int (*kernels)(const struct host *host, struct strv *ret);
	void *tree; /* of all these: what host_remember has seen, or a test's fake tree */
};

/* Reads the facts. Fails only where nothing could be trusted without them (ENOSYS: kernel too old, with a clear
 * message). */
int host_read(struct host *ret, char **environ, struct err *e) __attribute__((nonnull));
/* For the next plan of the same process: reads anew what may be another, its streams and its working directory. */
void host_read_here(struct host *host) __attribute__((nonnull));
/* When what was planned is over: an isolated id is free again, and all is forgotten that is read only when a policy
 * asks. */
void host_let_go(struct host *host) __attribute__((nonnull));
/* The second half, read only when a policy has limits that need a cgroup. */
int host_read_cgroups(struct host *host, struct err *e) __attribute__((nonnull));
/* A child tries to make namespaces, for namespaces_errno; only where a policy can do without. 0, or a positive errno.
 */
int host_try_namespaces(const struct host *host) __attribute__((nonnull));
/* For counters_errno. 0, or a positive errno; EACCES: kernel.perf_event_paranoid. */
int host_try_counters(void);
/* Chooses and locks an id until host_let_go; only when a policy asks for one. */
void host_read_isolated(struct host *host) __attribute__((nonnull));
/* All of the caller's range that an image's ids can use, until host_let_go; likewise. */
void host_read_many_ids(struct host *host) __attribute__((nonnull));
/* DISPLAY, XAUTHORITY, WAYLAND_DISPLAY; read only when a policy asks for a display. */
int host_read_display(struct host *host, struct err *e) __attribute__((nonnull));
/* Asks the servers what they can do; changes nothing. After host_read_display, when a policy isolates that display. */
void host_ask_x11(struct host *host) __attribute__((nonnull));
void host_ask_wayland(struct host *host) __attribute__((nonnull));
void host_free_image(struct host *host) __attribute__((nonnull));
void host_done(struct host *host);
/* From now on each path is looked at once, until host_forget. Of a host that host_read has filled. */
void host_remember(struct host *host) __attribute__((nonnull));
void host_forget(struct host *host) __attribute__((nonnull));

/* The real path of an absolute path: every link followed, "." and ".." resolved, as the kernel would for the caller.
 * ENOENT, ELOOP (over 40 links), ENAMETOOLONG. `ret_node` (may be NULL) gets the end of the path. Owned by the caller.
 */
int host_resolve(const struct host *host, const char *path, char **ret_path, struct node *ret_node, struct err *e)
	__attribute__((nonnull(1, 2, 3, 5)));
/* The real path of what may not be there: that of the nearest folder above it, and the rest. Owned by the caller. */
char *host_real(const struct host *host, const char *path) __attribute__((nonnull));
/* A path of the caller's as an absolute one, where the working directory is known. Owned by the caller. */
char *host_absolute_here(const struct host *host, const char *path) __attribute__((nonnull));
/* Adds the place of each link on the way of an absolute path to `ret`, also where that leads nowhere. */
void host_links(const struct host *host, const char *path, struct strv *ret) __attribute__((nonnull));
/* The value of an environment variable of the caller; NULL if unset. */
const char *host_env(const struct host *host, const char *name) __attribute__((nonnull));
