/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: what the attacks share: how a result is told, and the tables of the groups. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { RESULT_SHUT = 0, RESULT_OPEN = 10, RESULT_BROKEN = 20 };

/* `run` gets the words after the id, and returns what one of the three below returned. */
struct attack {
	const char *id, *name;
	int (*run)(int argc, char **argv);
};

/* A group ends with a row whose id is NULL. `setups` are no attacks: each makes a hostile state and then executes or
 * watches the command that is its argument, with the exit status of that command unless its text says otherwise. */
extern const struct attack state_attacks[], file_attacks[], fd_attacks[], mount_attacks[], mode_attacks[],
	privilege_attacks[], process_attacks[], syscall_attacks[], ring_attacks[], network_attacks[], setups[],
	slot_attacks[], slot_attacks[], pty_setups[], fault_setups[], resource_attacks[], time_attacks[],
	around_attacks[], kernel_attacks[], forbid_setups[];

/* Each prints its line, once a process and its children, and returns the exit status. `shut` adds the name of errno. */
int opened(const char *format, ...) __attribute__((format(printf, 1, 2)));
int shut(const char *format, ...) __attribute__((format(printf, 1, 2)));
int broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Results go to this fd: 1, or 2 where an attack is on standard output itself. */
void results_to(int fd);

/* Looks an attack up in all groups; NULL if there is none. */
const struct attack *attack_find(const char *id);
/* Is there the text "SECRET" at the start of what the fd gives? */
bool holds_secret(int fd);
/* Runs `call` in a child of its own, killed after a second. Its return value, or -1 and errno; `*ret_signal` is the
 * signal that ended it, or 0. */
long in_child(long (*call)(void *data), void *data, int *ret_signal);
/* An attack that would harm the host if it succeeded there begins with this: 0, or BROKEN outside of a user namespace.
 */
int spare_host(void);
/* Executes argv[0]; returns only on failure, with BROKEN. */
int execute(char **argv);
