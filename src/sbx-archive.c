/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-archive: unpacks a layer of an image from standard input into the working directory, or packs that to standard
 * output. sbxctl starts it in a sandbox; src/archive/archive.h has the whole of it.
 *
 * A program of its own, so that neither sbx nor sbxctl carries libarchive. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"

enum { EXIT_USAGE = 2, DEPTH_MAX = 2048 };

#ifdef WITH_SANITIZERS
/* The search for leaks traces this process, which no sandbox allows. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static const char usage[] = "usage: sbx-archive unpack [--bytes=SIZE] [--entries=NUMBER] [--depth=NUMBER] <ARCHIVE\n"
			    "       sbx-archive pack [--clamp-mtime=SECONDS] [--cross] >ARCHIVE";

struct options {
	bool pack;
	struct unpack_limits unpack;
	struct pack_rules rules;
};

/* What follows "NAME=" in an option; NULL: it is another one. */
static const char *value_of(const char *option, const char *name)
{
	return str_starts(option, name) && option[strlen(name)] == '=' ? option + strlen(name) + 1 : NULL;
}

static int unpack_option(const char *option, struct unpack_limits *limits, struct err *e)
{
	const char *value;

	if ((value = value_of(option, "--bytes")))
		return units_size(value, &limits->bytes, e);
	if ((value = value_of(option, "--entries")))
		return units_number(value, UINT32_MAX, &limits->entries, e);
	if ((value = value_of(option, "--depth")))
		return units_number(value, DEPTH_MAX, &limits->depth, e);
	return err_set(e, EINVAL, "no option '%s'", option);
}

static int pack_option(const char *option, struct pack_rules *rules, struct err *e)
{
	const char *value;
	uint64_t latest = 0;
	int r;

	if (str_eq(option, "--cross")) {
		rules->cross = true;
		return 0;
	}
	value = value_of(option, "--clamp-mtime");
	if (!value)
		return err_set(e, EINVAL, "no option '%s'", option);
	r = units_number(value, INT64_MAX, &latest, e);
	rules->clamp = r == 0;
	rules->latest = (int64_t)latest;
	return r;
}

static int read_options(int argc, char **argv, struct options *ret, struct err *e)
{
	struct options options = {.unpack = {ARCHIVE_BYTES, ARCHIVE_ENTRIES, ARCHIVE_DEPTH}};

	if (argc < 2 || !(str_eq(argv[1], "unpack") || str_eq(argv[1], "pack")))
		return err_set(e, EINVAL, "%s", usage);
	options.pack = str_eq(argv[1], "pack");
	for (int i = 2; i < argc; i++) {
		int r = options.pack ? pack_option(argv[i], &options.rules, e)
				     : unpack_option(argv[i], &options.unpack, e);

		if (r < 0)
			return r;
	}
	*ret = options;
	return 0;
}

static int print(const struct unpacked *done, struct err *e)
{
	autostr struct str line = {0};
	int r;

	str_addf(&line, "{\"diff_id\":\"sha256:%s\",\"bytes\":%" PRIu64 ",\"entries\":%" PRIu64, done->diff_id,
		 done->bytes, done->entries);
	str_addf(&line, ",\"skipped\":{\"device\":%" PRIu64 ",\"fifo\":%" PRIu64 ",\"other\":%" PRIu64 "}",
		 done->device, done->fifo, done->other);
	str_addf(&line, ",\"dropped\":{\"setuid\":%" PRIu64 ",\"xattr\":%" PRIu64 "}}\n", done->setuid, done->xattr);
	r = fd_write(STDOUT_FILENO, line.s, line.len);
	return r < 0 ? err_errno(e, -r, "print the result") : 0;
}

static int run(const struct options *options, struct err *e)
{
	autoclose int root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct unpacked done = {0};
	int r;

	if (root < 0)
		return err_errno(e, errno, "the working directory can't be opened");
	if (options->pack)
		return archive_pack(root, STDOUT_FILENO, &options->rules, e);
	r = archive_unpack(STDIN_FILENO, root, &options->unpack, &done, e);
	return r < 0 ? r : print(&done, e);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct err e = {0};
	int r;

	(void)umask(077);
	(void)signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error like others */
	(void)signal(SIGPIPE, SIG_IGN);
	if (read_options(argc, argv, &options, &e) < 0) {
		(void)fprintf(stderr, str_starts(e.text, "usage: ") ? "%s\n" : "sbx-archive: %s\n", e.text);
		return EXIT_USAGE;
	}
	r = run(&options, &e);
	if (r < 0)
		(void)fprintf(stderr, "sbx-archive: %s\n", e.text);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
