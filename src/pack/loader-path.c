/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists of folders that the search goes through. */
#include <elf.h>
#include <string.h>

#include "base/mem.h"
#include "pack/loader.h"
#include "pack/root.h"

/* By machine and class. `libs`: what $LIB stands for, by distribution. */
static const struct machine {
	unsigned machine, bits;
	const char *platform;
	const char *libs[4];
	const char *folders[8];
} machines[] = {
	{EM_X86_64,
	 64,
	 "x86_64",
	 {"lib/x86_64-linux-gnu", "lib64", "lib"},
	 {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"}},
	{EM_386,
	 32,
	 "i686",
	 {"lib/i386-linux-gnu", "lib32", "lib"},
	 {"/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/lib32", "/usr/lib32", "/lib", "/usr/lib"}},
	{EM_X86_64,
	 32,
	 "x86_64",
	 {"lib/x86_64-linux-gnux32", "libx32", "lib"},
	 {"/lib/x86_64-linux-gnux32", "/usr/lib/x86_64-linux-gnux32", "/libx32", "/usr/libx32", "/lib", "/usr/lib"}},
	{EM_AARCH64,
	 64,
	 "aarch64",
	 {"lib/aarch64-linux-gnu", "lib64", "lib"},
	 {"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"}},
	{EM_ARM,
	 32,
	 "v7l",
	 {"lib/arm-linux-gnueabihf", "lib"},
	 {"/lib/arm-linux-gnueabihf", "/usr/lib/arm-linux-gnueabihf", "/lib", "/usr/lib"}},
	{EM_RISCV,
	 64,
	 "riscv64",
	 {"lib/riscv64-linux-gnu", "lib64/lp64d", "lib"},
	 {"/lib/riscv64-linux-gnu", "/usr/lib/riscv64-linux-gnu", "/lib64/lp64d", "/usr/lib64/lp64d", "/lib",
	  "/usr/lib"}},
	{EM_PPC64,
	 64,
	 "power8",
	 {"lib/powerpc64le-linux-gnu", "lib64", "lib"},
	 {"/lib/powerpc64le-linux-gnu", "/usr/lib/powerpc64le-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"}},
	{EM_NONE, 0, "", {"lib"}, {"/lib64", "/usr/lib64", "/lib", "/usr/lib"}},
};

static const struct machine *machine_of(const struct elf *elf)
{
	size_t i = 0;

	while (machines[i].bits && (machines[i].machine != elf->machine || machines[i].bits != elf->bits))
		i++;
	return &machines[i];
}

const char *const *loader_defaults(const struct elf *elf)
{
	return machine_of(elf)->folders;
}

char *loader_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash > path ? xstrndup(path, (size_t)(slash - path)) : xstrdup("/");
}

/* The length of "$NAME" or "${NAME}" at the start of the text, or 0. */
static size_t variable_length(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (text[1] == '{')
		return strncmp(text + 2, name, len) == 0 && text[2 + len] == '}' ? len + 3 : 0;
	if (strncmp(text + 1, name, len) != 0 || strspn(text + 1 + len, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"))
		return 0;
	return len + 1;
}

/* One part with its variables put in; NULL if it has one that is none. */
static char *put_in(const char *part, const char *origin, const char *lib, const char *platform)
{
	const struct {
		const char *name, *value;
	} variables[] = {{"ORIGIN", origin}, {"LIB", lib}, {"PLATFORM", platform}};
	autostr struct str out = {0};

	str_add(&out, "");
	while (*part) {
		size_t plain = strcspn(part, "$"), len = 0;

		str_add_bytes(&out, part, plain);
		part += plain;
		for (size_t i = 0; *part && !len && i < countof(variables); i++) {
			len = variable_length(part, variables[i].name);
			if (len)
				str_add(&out, variables[i].value);
		}
		if (*part && !len)
			return NULL;
		part += len;
	}
	return take(out.s);
}

static void expand_part(const char *part, const struct object *who, struct strv *ret)
{
	const struct machine *machine = machine_of(&who->elf);
	autofree char *origin = loader_folder_of(who->path);

	for (size_t i = 0; i < countof(machine->libs) && machine->libs[i]; i++) {
		autofree char *text = put_in(part, origin, machine->libs[i], machine->platform);

		if (text && *text == '/' && !strv_has(ret, text))
			strv_add(ret, text);
	}
}

void loader_expand(const char *text, const struct object *who, struct strv *ret)
{
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ":");
		autofree char *part = xstrndup(p, len);

		expand_part(part, who, ret);
		p += len;
		if (!*p)
			return;
	}
}

/* The word `include` of a line, which names patterns, relative to the file. */
static void include(int root, const char *path, const char *patterns, struct strv *lists[2])
{
	autofree char *folder = loader_folder_of(path);

	for (const char *p = patterns; *(p += strspn(p, " \t"));) {
		size_t len = strcspn(p, " \t");
		autofree char *pattern =
			*p == '/' ? xstrndup(p, len) : xasprintf("%s/%.*s", folder[1] ? folder : "", (int)len, p);
		autostrv struct strv found = {0};

		root_glob(root, pattern, &found);
		for (size_t i = 0; i < found.count; i++)
			loader_read_config(root, found.v[i], lists[0], lists[1]);
		p += len;
	}
}

static void take_line(int root, const char *path, char *line, struct strv *lists[2])
{
	size_t end;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t\r");
	end = strlen(line);
	while (end && strchr(" \t\r/", line[end - 1]))
		end--;
	if (strncmp(line, "include", 7) == 0 && (line[7] == ' ' || line[7] == '\t')) {
		line[end] = '\0';
		include(root, path, line + 8, lists);
	} else if (*line == '/') {
		line[end] = '\0';
		line[strcspn(line, " \t:,=")] = '\0'; /* ldconfig takes also "FOLDER=TYPE" */
		if (*line && !strv_has(lists[0], line))
			strv_add(lists[0], line);
	}
}

/* A file is read once, so one that includes itself ends. */
void loader_read_config(int root, const char *path, struct strv *ret, struct strv *files)
{
	struct strv *lists[2] = {ret, files};
	autostr struct str text = {0};

	if (strv_has(files, path) || files->count >= 256 || root_read(root, path, &text) < 0)
		return;
	strv_add(files, path);
	for (char *line = text.s, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		take_line(root, path, line, lists);
	}
}
