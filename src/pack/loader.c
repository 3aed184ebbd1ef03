/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of glibc, _dl_map_object in elf/dl-load.c: DT_RPATH of the object and of those that asked for it, unless
 * the object has DT_RUNPATH; DT_RUNPATH of the object; the cache, which is what ld.so.conf names; the default folders.
 * In each folder first the variants for the processor. And of musl, load_library in ldso/dynlink.c: DT_RUNPATH, or else
 * DT_RPATH, of the object and of those that asked for it; the list of the system. LD_LIBRARY_PATH is nobody's here. */
#include "pack/loader.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "pack/root.h"

/* One search. */
struct search {
	struct loader *loader;
	const struct object *who;
	const char *name;
	struct library *ret;
};

bool loader_fits(int root, const char *path, const struct elf *beside)
{
	autoclose int fd = root_open(root, path, O_RDONLY);
	struct elf_source source = {.fd = fd};
	autoelf struct elf elf = {0};
	struct stat st;
	struct err none;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || elf_read(&source, &elf, &none) < 0)
		return false;
	return elf.bits == beside->bits && elf.machine == beside->machine && elf.type == ET_DYN;
}

static bool take_if_fits(struct search *s, char *owned, const char *how)
{
	autofree char *path = owned;

	if (!loader_fits(s->loader->root, path, &s->who->elf))
		return false;
	s->ret->path = take(path);
	s->ret->how = how;
	return true;
}

static const char *join(const char *folder)
{
	return folder[1] ? folder : ""; /* "/" itself */
}

static void add_variants(struct search *s, const char *folder)
{
	static const char *const levels[] = {"x86-64-v4", "x86-64-v3", "x86-64-v2"};

	if (s->who->elf.machine != EM_X86_64)
		return;
	for (size_t i = 0; i < countof(levels); i++) {
		autofree char *path = xasprintf("%s/glibc-hwcaps/%s/%s", join(folder), levels[i], s->name);

		if (loader_fits(s->loader->root, path, &s->who->elf))
			strv_take(&s->ret->variants, take(path));
	}
}

static bool in_folder(struct search *s, const char *folder, const char *how)
{
	add_variants(s, folder);
	return take_if_fits(s, xasprintf("%s/%s", join(folder), s->name), how);
}

static bool in_folders(struct search *s, const struct strv *folders, const char *how)
{
	for (size_t i = 0; i < folders->count; i++)
		if (in_folder(s, folders->v[i], how))
			return true;
	return false;
}

static bool in_text(struct search *s, const char *text, const struct object *whose, const char *how)
{
	autostrv struct strv folders = {0};

	if (!text)
		return false;
	loader_expand(text, whose, &folders);
	return in_folders(s, &folders, how);
}

static bool is_default(const struct search *s, const char *folder)
{
	for (const char *const *p = loader_defaults(&s->who->elf); *p; p++)
		if (str_eq(*p, folder))
			return true;
	return false;
}

static bool in_config(struct search *s)
{
	struct loader *loader = s->loader;

	if (!loader->is_read)
		loader_read_config(loader->root, "/etc/ld.so.conf", &loader->config, &loader->files);
	loader->is_read = true;
	for (size_t i = 0; i < loader->config.count; i++) {
		bool is_plain = is_default(s, loader->config.v[i]);

		if (!in_folder(s, loader->config.v[i], is_plain ? "" : "ld.so.conf"))
			continue;
		s->ret->needs_cache = !is_plain;
		return true;
	}
	return false;
}

static bool in_defaults(struct search *s)
{
	for (const char *const *p = loader_defaults(&s->who->elf); *p; p++)
		if (in_folder(s, *p, ""))
			return true;
	return false;
}

/* What no rule finds may have been loaded by its path before: libxul.so relies on that. */
static bool in_own_folder(struct search *s)
{
	autofree char *folder = loader_folder_of(s->who->path);

	return in_folder(s, folder, "in the same folder, by no rule of the loader");
}

static bool find_glibc(struct search *s)
{
	const struct elf *elf = &s->who->elf;

	for (const struct object *o = s->who; !elf->runpath && o; o = o->by)
		if (!o->elf.runpath && in_text(s, o->elf.rpath, o, "RPATH"))
			return true;
	if (in_text(s, elf->runpath, s->who, "RUNPATH"))
		return true;
	if (!elf->no_default && (in_config(s) || in_defaults(s)))
		return true;
	return in_own_folder(s);
}

/* The list of the system is in a file, which `musl` names, or the usual one. */
static void read_musl(struct loader *loader, const char *musl)
{
	const char *arch = musl + strlen("ld-musl-");
	autofree char *path = xasprintf("/etc/ld-musl-%.*s.path", (int)strcspn(arch, "."), arch);
	autostr struct str text = {0};
	char *rest;

	strv_done(&loader->musl);
	if (root_read(loader->root, path, &text) == 0) {
		if (!strv_has(&loader->files, path))
			strv_add(&loader->files, path);
	} else {
		str_add(&text, "/lib:/usr/local/lib:/usr/lib");
	}
	for (char *p = strtok_r(text.s, ":\n", &rest); p; p = strtok_r(NULL, ":\n", &rest))
		strv_add(&loader->musl, p);
}

static bool find_musl(struct search *s, const char *musl)
{
	for (const struct object *o = s->who; o; o = o->by)
		if (in_text(s, o->elf.runpath ? o->elf.runpath : o->elf.rpath, o, o->elf.runpath ? "RUNPATH" : "RPATH"))
			return true;
	read_musl(s->loader, musl);
	return in_folders(s, &s->loader->musl, "") || in_own_folder(s);
}

bool loader_find(struct loader *loader, const struct object *who, const char *name, const char *musl,
		 struct library *ret)
{
	struct search s = {.loader = loader, .who = who, .name = name, .ret = ret};

	*ret = (struct library){.how = ""};
	if (strchr(name, '/')) {
		autostrv struct strv paths = {0};

		loader_expand(name, who, &paths);
		for (size_t i = 0; i < paths.count; i++)
			if (take_if_fits(&s, xstrdup(paths.v[i]), "by its path"))
				return true;
		return false;
	}
	if (*name && (musl ? find_musl(&s, musl) : find_glibc(&s)))
		return true;
	library_done(ret);
	return false;
}

void loader_done(struct loader *loader)
{
	strv_done(&loader->config);
	strv_done(&loader->musl);
	strv_done(&loader->files);
}

void library_done(struct library *library)
{
	free(library->path);
	strv_done(&library->variants);
	*library = (struct library){.how = ""};
}
