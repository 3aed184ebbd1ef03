/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/collect.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "pack/root.h"

enum { LINKS_MAX = 40 };

/* A path while it is walked: what is done has no link in it. */
struct walk {
	struct collect *c;
	struct str done;
	char *rest; /* owned */
	const char *next;
	int links;
	struct reason reason;
	const char *whole; /* the path that was asked for; borrowed */
	struct strv made;  /* paths of the entries that the walk has made */
	size_t kept;       /* of them, those that stay where it fails: the place itself, of a link that leads nowhere */
};

static void up(struct str *path)
{
	while (path->len > 0 && path->s[path->len - 1] != '/')
		path->len--;
	path->len -= path->len > 0;
	path->s[path->len] = '\0';
}

static void note_mode(struct collect *c, const struct closure_entry *entry)
{
	if (entry->type == ENTRY_FILE && entry->mode & (S_ISUID | S_ISGID))
		closure_note(c->closure, "'%s' has mode %04o: its copy is not setuid, nor setgid", entry->path,
			     entry->mode);
}

/* The entry of a path that is walked, made if there is none. */
static int enter(struct walk *w, bool last, struct closure_entry **ret, struct err *e)
{
	struct closure_entry *entry = closure_find(w->c->closure, w->done.s);
	autofree char *why = NULL, *link = NULL;
	struct stat st;
	int r = 0;

	if (entry) {
		*ret = entry;
		return 0;
	}
	if (root_look(w->c->root, w->done.s, &st) < 0)
		return err_errno(e, errno, "'%s'", w->whole);
	if (S_ISLNK(st.st_mode))
		r = root_read_link(w->c->root, w->done.s, &link);
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(e, EINVAL, "'%s' is a device, a socket or a pipe", w->done.s);
	if (r < 0)
		return err_errno(e, -r, "read the link '%s'", w->done.s);
	why = xasprintf("on the way to %s", w->whole);
	entry = closure_insert(w->c->closure, w->done.s, last ? w->reason.why : why);
	strv_add(&w->made, w->done.s);
	if (last && link && !w->kept)
		w->kept = w->made.count;
	entry->type = link ? ENTRY_LINK : S_ISDIR(st.st_mode) ? ENTRY_FOLDER : ENTRY_FILE;
	entry->mode = st.st_mode & 07777;
	entry->bytes = entry->type == ENTRY_FILE ? (uint64_t)st.st_size : 0;
	entry->link = take(link);
	note_mode(w->c, entry);
	*ret = entry;
	return 0;
}

static int follow(struct walk *w, const struct closure_entry *entry, struct err *e)
{
	char *joined;

	if (++w->links > LINKS_MAX)
		return err_errno(e, ELOOP, "'%s'", w->whole);
	joined = xasprintf("%s%s", entry->link, w->next);
	if (entry->link[0] == '/') {
		w->done.len = 0;
		w->done.s[0] = '\0';
	} else {
		up(&w->done);
	}
	free(w->rest);
	w->next = w->rest = joined;
	return 0;
}

/* One name further. 1, 0 at the end, negative errno. */
static int advance(struct walk *w, struct err *e)
{
	struct closure_entry *entry;
	const char *name;
	size_t len;
	int r;

	w->next += strspn(w->next, "/");
	if (!*w->next)
		return 0;
	name = w->next;
	len = strcspn(name, "/");
	w->next += len;
	if (len == 1 && name[0] == '.')
		return 1;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		up(&w->done);
		return 1;
	}
	if (len > NAME_MAX || w->done.len + len + 1 >= PATH_MAX)
		return err_errno(e, ENAMETOOLONG, "'%s'", w->whole);
	str_add(&w->done, "/");
	str_add_bytes(&w->done, name, len);
	r = enter(w, !w->next[strspn(w->next, "/")], &entry, e);
	if (r < 0)
		return r;
	if (entry->type == ENTRY_LINK)
		r = follow(w, entry, e);
	else if (entry->type == ENTRY_FILE && *w->next)
		r = err_errno(e, ENOTDIR, "'%s'", w->whole);
	return r < 0 ? r : 1;
}

/* Nothing stays of a way that leads nowhere. */
static void take_back(struct walk *w)
{
	for (size_t i = w->made.count; i > w->kept; i--)
		closure_remove(w->c->closure, closure_find(w->c->closure, w->made.v[i - 1]));
}

int collect_place(struct collect *c, const char *path, struct reason reason, char **ret_real, struct err *e)
{
	struct walk w = {.c = c, .reason = reason, .whole = path};
	int r;

	if (ret_real)
		*ret_real = NULL;
	w.next = w.rest = xstrdup(path);
	str_add(&w.done, "");
	do
		r = path[0] == '/' ? advance(&w, e) : err_set(e, EINVAL, "'%s' is not absolute", path);
	while (r > 0);
	if (r < 0 && reason.may) {
		closure_note(c->closure, "%s (%s)", e->text, reason.why);
		take_back(&w);
		err_clear(e);
		r = 0;
	} else if (r == 0 && ret_real) {
		*ret_real = w.done.len ? xstrdup(w.done.s) : xstrdup("/");
	}
	if (r < 0)
		(void)err_prefix(e, "%s", reason.why);
	free(w.rest);
	str_done(&w.done);
	strv_done(&w.made);
	return r;
}

/* What is behind the name of a file. */
static int read_content(struct collect *c, const struct closure_entry *entry, bool may, struct err *e)
{
	autoclose int fd = root_open_plain(c->root, entry->path, O_RDONLY);
	int r;

	if (fd < 0)
		return err_errno(e, errno, "open '%s'", entry->path);
	r = collect_object(c, entry->path, fd, may, e);
	if (r == -ENOEXEC && entry->mode & 0111)
		return collect_script(c, entry->path, fd, may, e);
	return r == -ENOEXEC ? 0 : r;
}

int collect_path(struct collect *c, const char *path, struct reason reason, char **ret_real, struct err *e)
{
	autofree char *real = NULL;
	struct closure_entry *entry;
	int r = collect_place(c, path, reason, &real, e);

	entry = r == 0 && real ? closure_find(c->closure, real) : NULL;
	if (entry && entry->type == ENTRY_FILE && !entry->read) {
		entry->read = true;
		r = read_content(c, entry, reason.may, e);
		if (r < 0 && reason.may) {
			closure_note(c->closure, "%s", e->text);
			err_clear(e);
			if (r == -EACCES) { /* it could not be copied either */
				closure_remove(c->closure, entry);
				mem_free_ptr(&real);
				real = NULL;
			}
			r = 0;
		}
	}
	if (r == 0 && ret_real)
		*ret_real = take(real);
	return r;
}

/* Of what is made up the host's own is not wanted, and of the cache of the loader a smaller one is made. */
static int collect_opened(struct collect *c, const char *path, struct err *e)
{
	if (str_eq(path, "/etc/ld.so.cache") || (!c->options->bare && collect_is_made_up(path)) ||
	    collect_is_left_out(c, path))
		return 0;
	return collect_path(c, path, (struct reason){"opened by the test run", true}, NULL, e);
}

static int collect_all(struct collect *c, struct err *e)
{
	const struct pack_options *o = c->options;
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->programs.count; i++)
		r = collect_program(c, o->programs.v[i], (struct reason){"given", false}, e);
	if (r == 0)
		r = collect_packages(c, e);
	for (size_t i = 0; r == 0 && i < o->paths.count; i++)
		r = collect_whole(c, o->paths.v[i], (struct reason){"given", false}, e);
	for (size_t i = 0; r == 0 && i < o->opened.count; i++)
		r = collect_opened(c, o->opened.v[i], e);
	if (r == 0)
		r = collect_rules(c, e);
	for (size_t i = 0; r == 0 && i < c->loader.files.count; i++)
		if (str_starts(c->loader.files.v[i], "/etc/ld-musl-"))
			r = collect_place(c, c->loader.files.v[i], (struct reason){"read by the loader of musl", true},
					  NULL, e);
	if (r == 0)
		r = collect_cache(c, e);
	if (r == 0 && !o->bare)
		r = collect_made(c, e);
	return r;
}

/* What was lacked may have come by another way: a module finds what its program has loaded. */
static void note_lacked(struct collect *c)
{
	for (size_t i = 0; i < c->lacked.count; i++) {
		bool is_here = false;

		for (size_t j = 0; !is_here && j < c->closure->count; j++)
			is_here = str_eq(strrchr(c->closure->entry[j]->path, '/') + 1, c->lacked.v[i]);
		if (!is_here)
			closure_note(c->closure, "%s", c->lacked_notes.v[i]);
	}
}

int pack_collect(const struct pack_options *options, struct closure *ret, struct err *e)
{
	struct closure closure = {0};
	autoclose int root = root_fd(options->root, e);
	struct collect c = {.options = options, .root = root, .closure = &closure, .loader.root = root};
	int r = root < 0 ? root : collect_all(&c, e);

	if (r == 0)
		note_lacked(&c);
	loader_done(&c.loader);
	strv_done(&c.cached);
	strv_done(&c.lacked);
	strv_done(&c.lacked_notes);
	if (r < 0) {
		closure_done(&closure);
		return r;
	}
	*ret = closure;
	return 0;
}
