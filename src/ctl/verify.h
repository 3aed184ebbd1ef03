/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: what a profile lets a hostile program reach. Each item is tried twice by sbx-probe, outside of the sandbox
 * and inside; what is reached in both is granted by a line of the profile, or a hole. */
#pragma once

#include "planned.h"

enum verify_group {
	GROUP_FILES_READ,
	GROUP_FILES_WRITTEN,
	GROUP_SOCKETS,
	GROUP_NETWORK,
	GROUP_PROCESSES,
	GROUP_DEVICES,
	GROUP_KERNEL,
	GROUP_RIGHTS,
	GROUP_VARIABLES,
	VERIFY_GROUPS
};

/* In the order of their weight. NOTHING: the caller can't reach it outside either, so nothing is known. */
enum verify_state { STATE_NOTHING, STATE_CLOSED, STATE_GRANTED, STATE_HOLE };

/* One thing may be seen inside in more than one place. */
struct way {
	char *argument; /* of the probe, inside */
	char *why;      /* the line or the rule that shows it; NULL: nothing asks for it */
	size_t depth;   /* of the rule: the deepest one that shows the place counts */
	char *identity; /* an answer; NULL: it is not reached */
	bool open;      /* it is, and is the same thing as outside */
};

struct item {
	enum verify_group group;
	const char *verb;     /* of sbx-probe */
	const char *sentence; /* what it can do if it is reached: "can read"; the name follows */
	char *name, *argument;
	const char *danger; /* what comes of it, for what no profile should give; NULL: fine if it is asked for */
	struct way *way;
	size_t ways, way_cap;
	char *identity; /* an answer, from outside; NULL: it can't be reached there */
	enum verify_state state;
	const struct way *reached; /* the way in, for GRANTED and HOLE */
};

struct items {
	struct item *v;
	size_t count, cap;
};

/* verify-items.c: a new item without a way. The sentence and the danger are borrowed, the rest is copied. Valid until
 * the next. */
struct item *items_add(struct items *items, enum verify_group group, const char *verb, const char *name)
	__attribute__((nonnull));
/* `why` NULL: nothing asks for it. Of two ways with one argument, the deeper stays. */
void items_way(struct item *item, const char *argument, const char *why, size_t depth) __attribute__((nonnull(1, 2)));
bool items_have(const struct items *items, enum verify_group group, const char *name) __attribute__((nonnull));
void items_done(struct items *items);

/* verify-paths.c: files of the home and the system, what the plan shows of the host, devices, setuid programs. */
void items_of_paths(struct items *items, const struct planned *planned) __attribute__((nonnull));
/* The path's real place is looked for behind each bind of the plan, and the path itself. */
void items_path_ways(struct item *item, const struct planned *planned) __attribute__((nonnull));
/* verify-sockets.c */
void items_of_sockets(struct items *items, const struct planned *planned) __attribute__((nonnull));
/* verify-kernel.c: kernel, rights, variables. */
void items_of_kernel(struct items *items, const struct planned *planned) __attribute__((nonnull));

/* verify-bait.c: services, a process and a segment that exist to be found, and only while they are looked for. */
struct bait {
	int tcp, udp, abstract; /* fds */
	int waiting;            /* the end of this ends the process */
	int process, segment;   /* ids */
	char tcp_port[8], udp_port[8], word[40], segment_id[16];
};
int bait_lay(struct bait *ret, const char *probe, struct err *e) __attribute__((nonnull));
void bait_take(struct bait *bait) __attribute__((nonnull));
/* Network and processes: the bait, and what is there anyway. */
void items_of_bait(struct items *items, const struct planned *planned, const struct bait *bait)
	__attribute__((nonnull));

/* verify-judge.c: pure. What comes of it if a hostile program has this; NULL: nothing worse than was asked for. */
const char *danger_of_reading(const struct host *host, const char *path) __attribute__((nonnull));
const char *danger_of_writing(const struct host *host, const char *path) __attribute__((nonnull));
const char *danger_of_socket(const char *path) __attribute__((nonnull));
const char *danger_of_device(const char *path) __attribute__((nonnull));
bool is_secret_variable(const char *name) __attribute__((nonnull));
/* The paths below the home that the first two know, ended by NULL. */
extern const char *const secrets_of_home[], *const started_of_home[];
/* From the answers to the state. */
void judge(struct item *item) __attribute__((nonnull));
/* The heaviest state of a group; `ret_tried` counts what can be reached outside, `ret_closed` what can't inside. */
enum verify_state judge_group(const struct items *items, enum verify_group group, size_t *ret_tried, size_t *ret_closed)
	__attribute__((nonnull));

/* verify-traces.c: paths that are not there, and that a run of the plan makes; and how they go again. */
void traces_expect(const struct planned *planned, struct strv *ret) __attribute__((nonnull));
void traces_remove(const struct strv *traces) __attribute__((nonnull));

/* verify-run.c: all answers, or an error. */
int items_try(struct items *items, const char *probe, char *const *sandbox, struct err *e) __attribute__((nonnull));

/* verify-print.c */
struct verified {
	const char *profile;
	const struct items *items;
	const struct strv *laid; /* settings laid over the profile */
	const struct err *error; /* NULL: it was verified */
};
struct json;
void verify_print(const struct verified *verified, bool colour, bool quiet, struct str *out) __attribute__((nonnull));
struct json *verify_json(const struct verified *verified) __attribute__((nonnull));
/* The heaviest state of all groups. */
enum verify_state verify_worst(const struct items *items) __attribute__((nonnull));
