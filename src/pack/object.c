/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects of a program in the order in which ld.so loads them: the program, its loader, and then breadth first what
 * each asks for, but for what is there by that name. So an object may rely on one that another has asked for, as it
 * does when the program runs. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/collect.h"
#include "pack/root.h"

enum { OBJECTS_MAX = 4096 };

struct objects {
	struct collect *c;
	struct object **object; /* owned; the first is the program */
	size_t count, cap;
	const char *musl; /* name of its loader, borrowed; NULL: glibc */
	bool may;
};

static struct object *add_object(struct objects *all, const char *path, const char *name, const struct object *by)
{
	struct object *object = xcalloc(1, sizeof *object);

	object->path = xstrdup(path);
	object->name = xstrdup(name);
	object->by = by;
	all->object = xgrow(all->object, all->count, &all->cap, sizeof(struct object *));
	all->object[all->count++] = object;
	return object;
}

static void objects_done(struct objects *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->object[i]->path);
		free(all->object[i]->name);
		elf_done(&all->object[i]->elf);
		free(all->object[i]);
	}
	free(all->object);
}

/* Names that the libc of musl has in itself, so that its loader looks for no file. */
static bool is_in_musl(const char *name)
{
	static const char *const parts[] = {"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};

	for (size_t i = 0; str_starts(name, "lib") && i < countof(parts); i++)
		if (str_starts(name + 3, parts[i]))
			return true;
	return false;
}

static bool is_loaded(const struct objects *all, const char *name)
{
	if (all->musl && is_in_musl(name))
		return true;
	for (size_t i = 1; i < all->count; i++) {
		const struct object *o = all->object[i];

		if (str_eq(o->name, name) || (o->elf.soname && str_eq(o->elf.soname, name)))
			return true;
	}
	return false;
}

static int read_object(struct objects *all, struct object *object, struct err *e)
{
	autoclose int fd = root_open(all->c->root, object->path, O_RDONLY);
	struct elf_source source = {.fd = fd};
	int r;

	if (fd < 0)
		return err_errno(e, errno, "open '%s'", object->path);
	r = elf_read(&source, &object->elf, e);
	return r < 0 ? err_prefix(e, "'%s'", object->path) : 0;
}

/* The libraries themselves are no programs: what they ask for is found here, on behalf of this one. */
static int take_file(struct objects *all, const char *path, const char *why, struct err *e)
{
	autofree char *real = NULL;
	struct closure_entry *entry;
	int r = collect_place(all->c, path, (struct reason){why, all->may}, &real, e);

	entry = r == 0 && real ? closure_find(all->c->closure, real) : NULL;
	if (entry)
		entry->read = true;
	return r;
}

static int take_interpreter(struct objects *all, struct err *e)
{
	const struct object *program = all->object[0];
	const char *path = program->elf.interpreter;
	autofree char *why = xasprintf("interpreter of %s", program->path);
	const char *name;
	int r;

	if (!path)
		return 0;
	r = path[0] == '/' ? take_file(all, path, why, e)
			   : err_set(e, EINVAL, "'%s' has '%s' for its loader, which is no absolute path",
				     program->path, path);
	if (r < 0)
		return r;
	name = strrchr(path, '/') + 1;
	if (str_starts(name, "ld-musl-"))
		all->musl = name;
	return read_object(all, add_object(all, path, name, NULL), e);
}

static int lack(struct objects *all, const struct object *who, const char *name, struct err *e)
{
	autofree char *note = NULL;
	autostr struct str escaped = {0};

	str_add_escaped(&escaped, name, true);
	note = xasprintf("'%s' needs %s, which is not to be found", who->path, escaped.s ? escaped.s : "''");
	if (all->may) {
		strv_add(&all->c->lacked, name);
		strv_add(&all->c->lacked_notes, note);
		return 0;
	}
	(void)err_set(e, ENOENT, "%s", note);
	return err_hint(e, "it may be in a package that is not installed for this machine");
}

static int take_library(struct objects *all, const struct object *who, const char *name, struct err *e)
{
	autofree char *why = NULL, *path = NULL;
	struct library found;
	int r;

	if (!loader_find(&all->c->loader, who, name, all->musl, &found))
		return lack(all, who, name, e);
	path = take(found.path);
	why = xasprintf("NEEDED of %s%s%s%s", who->path, *found.how ? " (" : "", found.how, *found.how ? ")" : "");
	r = take_file(all, path, why, e);
	for (size_t i = 0; r == 0 && i < found.variants.count; i++) {
		autofree char *variant = xasprintf("NEEDED of %s on newer processors (glibc-hwcaps)", who->path);

		r = take_file(all, found.variants.v[i], variant, e);
		if (r == 0)
			r = read_object(all, add_object(all, found.variants.v[i], name, who), e);
	}
	if (found.needs_cache && !strv_has(&all->c->cached, path))
		strv_add(&all->c->cached, path);
	library_done(&found);
	return r < 0 ? r : read_object(all, add_object(all, path, name, who), e);
}

/* A library that lies in a folder names no loader. That of musl, if it is made for musl: there is but one libc of it.
 */
static const char *musl_of(const struct elf *elf)
{
	bool wanted = false;

	for (size_t i = 0; i < elf->needed.count; i++)
		wanted |= str_eq(elf->needed.v[i], "libc.so") || str_starts(elf->needed.v[i], "libc.musl-");
	if (!wanted)
		return NULL;
	if (elf->machine == EM_AARCH64)
		return "ld-musl-aarch64.so.1";
	return elf->machine == EM_386 ? "ld-musl-i386.so.1" : "ld-musl-x86_64.so.1";
}

static int load_all(struct objects *all, struct err *e)
{
	int r = take_interpreter(all, e);

	if (r == 0 && !all->object[0]->elf.interpreter)
		all->musl = musl_of(&all->object[0]->elf);
	for (size_t i = 0; r == 0 && i < all->count; i++) {
		const struct object *who = all->object[i];

		for (size_t j = 0; r == 0 && j < who->elf.needed.count; j++) {
			if (is_loaded(all, who->elf.needed.v[j]))
				continue;
			r = all->count < OBJECTS_MAX ? take_library(all, who, who->elf.needed.v[j], e)
						     : err_set(e, EINVAL, "'%s' needs more than %d libraries",
							       all->object[0]->path, OBJECTS_MAX);
		}
	}
	return r;
}

int collect_object(struct collect *c, const char *path, int fd, bool may, struct err *e)
{
	struct elf_source source = {.fd = fd};
	struct objects all = {.c = c, .may = may};
	autoelf struct elf elf = {0};
	int r = elf_read(&source, &elf, e);

	if (r == -ENOEXEC)
		return r;
	if (r < 0)
		return err_prefix(e, "'%s'", path);
	add_object(&all, path, "", NULL)->elf = elf;
	elf = (struct elf){0};
	r = load_all(&all, e);
	objects_done(&all);
	return r;
}
