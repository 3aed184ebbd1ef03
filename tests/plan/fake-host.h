/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-host: a host that is the same on every machine, its tree read from a manifest. One line a node:
 *
 *   d PATH MODE UID          a folder
 *   f PATH MODE UID          a file
 *   l PATH TARGET            a symbolic link
 *   c PATH MAJOR:MINOR       a character device
 *   s PATH                   a socket
 *   p PATH                   a folder at which a proc is mounted
 *
 * A '#' starts a comment. Links within a path are followed, and a folder that the caller may not enter shows nothing.
 */
#pragma once

#include "host/host.h"

struct fake_node {
	char *path, *link; /* owned; link NULL but for links */
	enum node_type type;
	mode_t mode;
	uid_t uid;
	dev_t rdev;
	bool kernels; /* a file system of the kernel's is mounted there */
};

struct fake_host {
	struct host host; /* host.tree points to the fake_host: it must not move */
	struct fake_node *node;
	size_t count, cap;
};

/* alice (uid and gid 1000) in /home/alice/work, on the tree of the manifest `path`. Prints and exits where that is
 * wrong. */
void fake_host_make(struct fake_host *ret, const char *path) __attribute__((nonnull));
/* The same with tests/plan/debian.tree below $SRCDIR. */
void fake_host_debian(struct fake_host *ret) __attribute__((nonnull));
/* Adds one line of a manifest, or lays it over the node of the same path. */
void fake_host_add(struct fake_host *fake, const char *line) __attribute__((nonnull));
/* Takes away a node and all below it. */
void fake_host_remove(struct fake_host *fake, const char *path) __attribute__((nonnull));
/* The caller is root now, who may map all ids; the working directory stays. */
void fake_host_root(struct fake_host *fake) __attribute__((nonnull));
/* newuidmap is there, and of the caller's subordinate ids 100000:65536 and 200000:65536 the 100007 and 200007 are free.
 */
void fake_host_isolated(struct fake_host *fake) __attribute__((nonnull));
/* An image of two layers, whose command is of user 33. */
void fake_host_image(struct fake_host *fake) __attribute__((nonnull));
/* The same as one file, which root's kernel may read; a caller who is not root has a program for FUSE. */
void fake_host_seal(struct fake_host *fake) __attribute__((nonnull));
void fake_host_done(struct fake_host *fake);
