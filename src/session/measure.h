/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure: how much a session holds, when all who could write to it are dead. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct session_size {
	uint64_t bytes;   /* on the disk; of a file with many names, once if all of them are here */
	uint64_t entries; /* files, folders, links, and marks of what is gone */
	int64_t changed;  /* when something of it was, at last, in seconds; 0: there is nothing */
	bool complete;    /* false: some folders are closed to the caller, or too deep */
};

/* Each 0 or a negative errno. What is in the folder is added. */
int measure_tree(int folder, struct session_size *size) __attribute__((nonnull));
int session_measure(int session, struct session_size *ret) __attribute__((nonnull));
