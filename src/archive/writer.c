/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

enum { BLOCK = 512, NAME = 100 };
#define OCTAL_11 INT64_C(077777777777)

/* The header of ustar; numbers are octal texts that end with NUL. */
struct ustar {
	char name[NAME], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[NAME], magic[8], user[32],
		group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct ustar) == BLOCK, "a header is a block");

static int put(struct writer *writer, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size) {
		size_t n = sizeof writer->buffer - writer->used;

		n = n < size ? n : size;
		memcpy(writer->buffer + writer->used, from, n);
		writer->used += n;
		from += n;
		size -= n;
		if (writer->used == sizeof writer->buffer) {
			int r = fd_write(writer->fd, writer->buffer, writer->used);

			if (r < 0)
				return r;
			writer->used = 0;
		}
	}
	return 0;
}

static int put_zeros(struct writer *writer, size_t size)
{
	static const char zeros[2 * BLOCK];

	return put(writer, zeros, size);
}

static void octal(char *field, size_t size, uint64_t value)
{
	field[--size] = '\0';
	while (size) {
		field[--size] = (char)('0' + (value & 7));
		value >>= 3;
	}
}

static size_t fill_of(uint64_t size)
{
	return (size_t)(-size & (BLOCK - 1));
}

static int put_header(struct writer *writer, struct ustar *header)
{
	unsigned sum = 0;

	memcpy(header->magic, "ustar\00000", sizeof header->magic);
	octal(header->uid, sizeof header->uid, 0);
	octal(header->gid, sizeof header->gid, 0);
	octal(header->major, sizeof header->major, 0);
	octal(header->minor, sizeof header->minor, 0);
	memset(header->sum, ' ', sizeof header->sum);
	for (size_t i = 0; i < sizeof *header; i++)
		sum += ((const unsigned char *)header)[i];
	octal(header->sum, sizeof header->sum - 1, sum);
	return put(writer, header, sizeof *header);
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits. */
static void add_record(struct str *records, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;

	while (len != rest + (size_t)snprintf(NULL, 0, "%zu", len))
		len = rest + (size_t)snprintf(NULL, 0, "%zu", len);
	str_addf(records, "%zu %s=%s\n", len, key, value);
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if (*text & 0x80)
			return false;
	return true;
}

static bool is_utf8(const char *text)
{
	autostr struct str bytes = {0};

	str_add(&bytes, text);
	return str_is_utf8(&bytes);
}

/* The field if it can hold the text, else a record. */
static void add_name(struct str *records, char *field, const char *key, const char *text)
{
	size_t len = strlen(text);

	if (len > NAME || !is_ascii(text))
		add_record(records, key, text);
	for (size_t i = 0; i < len && i < NAME; i++)
		field[i] = text[i] & 0x80 ? '_' : text[i]; /* for who can't read pax */
}

static void add_number(struct str *records, char *field, const char *key, int64_t value)
{
	if (value < 0 || value > OCTAL_11) {
		autofree char *text = xasprintf("%" PRId64, value);

		add_record(records, key, text);
		value = 0;
	}
	octal(field, 12, (uint64_t)value);
}

static int put_records(struct writer *writer, const struct str *records)
{
	struct ustar header = {.name = "PaxHeader", .type = 'x'};
	int r;

	octal(header.mode, sizeof header.mode, 0644);
	octal(header.size, sizeof header.size, records->len);
	octal(header.mtime, sizeof header.mtime, 0);
	r = put_header(writer, &header);
	if (r == 0)
		r = put(writer, records->s, records->len);
	return r < 0 ? r : put_zeros(writer, fill_of(records->len));
}

int writer_entry(struct writer *writer, const struct writer_entry *entry)
{
	autofree char *path = xasprintf("%s%s", entry->path, entry->type == WRITER_FOLDER ? "/" : "");
	autostr struct str records = {0};
	struct ustar header = {.type = (char)entry->type};
	const char *link = entry->link ? entry->link : "";
	int r = 0;

	if (!is_utf8(path) || !is_utf8(link))
		add_record(&records, "hdrcharset", "BINARY");
	add_name(&records, header.name, "path", path);
	add_name(&records, header.link, "linkpath", link);
	if (entry->size > INT64_MAX)
		return -EFBIG;
	add_number(&records, header.size, "size", (int64_t)entry->size);
	add_number(&records, header.mtime, "mtime", entry->mtime);
	octal(header.mode, sizeof header.mode, entry->mode);
	if (records.len)
		r = put_records(writer, &records);
	if (r == 0)
		r = put_header(writer, &header);
	writer->due = entry->size;
	writer->fill = fill_of(entry->size);
	return r;
}

int writer_content(struct writer *writer, const void *bytes, size_t size)
{
	int r;

	if (size > writer->due)
		return -EFBIG;
	r = put(writer, bytes, size);
	writer->due -= size;
	return r < 0 || writer->due ? r : put_zeros(writer, writer->fill);
}

int writer_finish(struct writer *writer)
{
	int r = put_zeros(writer, (size_t)2 * BLOCK);

	if (r < 0)
		return r;
	r = fd_write(writer->fd, writer->buffer, writer->used);
	writer->used = 0;
	return r;
}
