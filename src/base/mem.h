/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mem: memory that is there or the process is not; owners visible at the declaration. */
#pragma once

#include <stddef.h>

#define attr_malloc __attribute__((malloc, warn_unused_result, returns_nonnull))

/* The xmalloc family aborts when memory is out: before the payload runs that is a failed start, never a weaker one. */
void *xmalloc(size_t size) attr_malloc;
void *xcalloc(size_t count, size_t size) attr_malloc;
void *xrealloc(void *p, size_t count, size_t size) __attribute__((warn_unused_result, returns_nonnull));
char *xstrdup(const char *s) attr_malloc __attribute__((nonnull));
char *xstrndup(const char *s, size_t len) attr_malloc __attribute__((nonnull));
char *xasprintf(const char *fmt, ...) attr_malloc __attribute__((format(printf, 1, 2), nonnull(1)));

/* Makes room for one more element: grows *cap by doubling when count == *cap. */
void *xgrow(void *array, size_t count, size_t *cap, size_t size) __attribute__((warn_unused_result, returns_nonnull));

void mem_free_ptr(void *p);  /* frees *(void **)p */
void mem_close_ptr(int *fd); /* closes *fd if >= 0, keeps errno */

#define autofree __attribute__((cleanup(mem_free_ptr)))
#define autoclose __attribute__((cleanup(mem_close_ptr)))

/* Hands an owned pointer or fd over: the variable is left empty. */
#define take(p)                                                                                                        \
	__extension__({                                                                                                \
		__typeof__(p) taken_ = (p);                                                                            \
		(p) = NULL;                                                                                            \
		taken_;                                                                                                \
	})
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define countof(a) (sizeof(a) / sizeof((a)[0]))
