/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-asked: the input is a packet for sbx-broker. What is taken of it can be no option, no path and no second word,
 * by a second reading; and is the same when it is asked for again. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/link.h"
#include "base/mem.h"
#include "open/asked.h"
#include "open/open.h"
#include "tests/fuzz/fuzz.h"

/* No field of a mail makes its reader take a file. */
static void check_mail(const char *text)
{
	const char *p = strchr(text, '?');

	while (p) {
		FUZZ_CHECK(strncasecmp(p + 1, fuzz_wrong ? "subject" : "attach", 6) != 0 && p[1] != '%');
		p = strpbrk(p + 1, "&;");
	}
}

static void check_link(const char *text, const char *sent, size_t size)
{
	size_t scheme = strcspn(text, ":");

	FUZZ_CHECK(strlen(text) == size && size <= LINK_MAX && islower((unsigned char)text[0]));
	FUZZ_CHECK(scheme < size - 1 && scheme <= LINK_SCHEME_MAX);
	for (size_t i = 0; i < size; i++) {
		FUZZ_CHECK(text[i] > ' ' && text[i] < 0x7f && !strchr("\"\\`<>^{|}", text[i]));
		FUZZ_CHECK(text[i] == (i < scheme ? tolower((unsigned char)sent[i]) : sent[i]));
	}
	FUZZ_CHECK(strncmp(text, "file:", 5) != 0 && strncmp(text, "javascript:", 11) != 0 &&
		   strncmp(text, "data:", 5) != 0);
	if (strncmp(text, "mailto:", 7) == 0)
		check_mail(text);
}

static void check_name(const char *text, const char *sent, size_t size)
{
	FUZZ_CHECK(strlen(text) == size && size <= 255 && !strchr(". -", text[0]));
	for (size_t i = 0; i < size; i++) {
		FUZZ_CHECK(text[i] == sent[i] || text[i] == '_');
		FUZZ_CHECK(((unsigned char)text[i] >= ' ' && text[i] != '/' && text[i] != 0x7f &&
			    !strchr("$%:~\\\"'`", text[i])));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct asked asked = {0}, again = {0};
	const char *sent = (const char *)data;
	struct err e = {0};
	autofree char *packet = NULL;

	if (asked_read(sent, size, &asked, &e) < 0) {
		FUZZ_CHECK(e.code && e.text[0] && !asked.text);
		for (const char *p = e.text; *p; p++)
			FUZZ_CHECK((unsigned char)*p >= ' ' && *p != 0x7f);
		return 0;
	}
	FUZZ_CHECK(size >= 2 && !memchr(data, '\0', size) && asked.is_file == (data[0] == OPEN_FILE));
	if (asked.is_file)
		check_name(asked.text, sent + 1, size - 1);
	else
		check_link(asked.text, sent + 1, size - 1);
	packet = xasprintf("%c%s", data[0], asked.text);
	FUZZ_CHECK(asked_read(packet, strlen(packet), &again, &e) == 0 && str_eq(again.text, asked.text));
	FUZZ_CHECK(asked_is(&asked, ".pdf") ==
		   (asked.is_file && size > 5 && strcasecmp(asked.text + size - 5, ".pdf") == 0));
	asked_done(&asked);
	asked_done(&again);
	return 0;
}
