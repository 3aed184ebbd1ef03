/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* override: a file that lies over another one of the same name and starts its program in a sandbox: the same text, with
 * sbx before the words of each Exec. No byte changes but that, what would go around it, and the marks, by which the
 * file is known again: X-Sbx-Generated, -Profile, -Source, -Source-SHA256, and -SHA256 of all the rest of the file. */
#pragma once

#include "base/sha256.h"
#include "desktop/exec.h"

#define ENTRY_GROUP "Desktop Entry"
#define SERVICE_GROUP "D-BUS Service"

/* All borrowed. */
struct override {
	enum exec_form form; /* EXEC_SHELL: a script, which starts the program at `source` */
	const char *sbx, *profile, *source;
};

/* `text` is that of the source. EINVAL: there is nothing that could be started, or it has marks itself. */
int override_make(const struct override *how, const struct str *text, struct str *ret, struct err *e)
	__attribute__((nonnull));

struct marks {
	bool generated;           /* else the rest is not filled */
	bool edited;              /* since it was made */
	char *profile, *source;   /* owned; may be NULL in one that was edited */
	char sha256[SHA256_TEXT]; /* of the source; "" */
};
void marks_read(const struct str *text, enum exec_form form, struct marks *ret) __attribute__((nonnull));
void marks_done(struct marks *marks);
