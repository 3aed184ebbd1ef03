/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exec: what an Exec line would start. Escapes of the file are undone first, then the quoting, as a shell's; the field
 * codes (%f %F %u %U %i %c %k, and %% for a percent sign) stand for what the starter puts in. D-Bus has no such codes.
 */
#pragma once

#include "desktop/keyfile.h"

enum exec_form { EXEC_ENTRY, EXEC_SERVICE, EXEC_SHELL };

/* Adds the words, with their field codes as they stand. EINVAL: a quote has no end, or there is no word. */
int exec_words(struct span value, struct strv *ret, struct err *e) __attribute__((nonnull));
/* Adds one word so that the readers of that form get it back as it is; with quotes only if it needs them. */
int exec_add_word(const char *word, enum exec_form form, struct str *ret, struct err *e) __attribute__((nonnull));

enum exec_kind {
	EXEC_PROGRAM,
	EXEC_COMMANDS, /* a shell or an interpreter, with commands and not with a file: its name says nothing */
	EXEC_FLATPAK,
	EXEC_SNAP,
	EXEC_SANDBOX, /* sbx already, or another such */
	EXEC_CODE,    /* the program itself is a field code */
};
struct exec_program {
	enum exec_kind kind;
	const char *path; /* the word that names it; borrowed of the words */
	const char *name; /* its last part */
};
/* Which program is it that a person would say is started: `env A=B python3 /usr/bin/tool` is tool. */
void exec_program(const struct strv *words, struct exec_program *ret) __attribute__((nonnull));
