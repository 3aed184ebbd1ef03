/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memo: what was seen of the tree while one plan is made. Each path is looked at once, so that a plan costs less, and
 * all its steps agree on what is there. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/host.h"
#include "host/tree.h"

enum { BUCKETS = 256 }; /* a plan asks for some hundred paths */

struct seen {
	struct seen *next; /* in its bucket */
	void *node;        /* a struct node as far as it is used */
	size_t size;       /* of that */
	char path[];
};

struct memo {
	struct seen *bucket[BUCKETS];
};

/* FNV-1a. */
static unsigned bucket_of(const char *path)
{
	uint32_t hash = 2166136261U;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619U;
	return hash % BUCKETS;
}

static struct seen *see(const struct host *host, const char *path)
{
	size_t len = strlen(path) + 1;
	struct seen *seen = xmalloc(sizeof *seen + len);
	struct node node;

	tree_look(host, path, &node);
	memcpy(seen->path, path, len);
	seen->next = NULL;
	seen->size = offsetof(struct node, link) + strlen(node.link) + 1;
	seen->node = xmalloc(seen->size);
	memcpy(seen->node, &node, seen->size);
	return seen;
}

static void look(const struct host *host, const char *path, struct node *ret)
{
	struct memo *memo = host->tree;
	struct seen **at = &memo->bucket[bucket_of(path)];

	while (*at && !str_eq((*at)->path, path))
		at = &(*at)->next;
	if (!*at)
		*at = see(host, path);
	memcpy(ret, (*at)->node, (*at)->size);
}

void host_remember(struct host *host)
{
	host->tree = xcalloc(1, sizeof(struct memo));
	host->look = look;
}

void host_forget(struct host *host)
{
	struct memo *memo = host->tree;

	for (size_t i = 0; memo && i < BUCKETS; i++)
		while (memo->bucket[i]) {
			struct seen *next = memo->bucket[i]->next;

			free(memo->bucket[i]->node);
			free(memo->bucket[i]);
			memo->bucket[i] = next;
		}
	free(memo);
	host->tree = NULL;
	host->look = tree_look;
}
