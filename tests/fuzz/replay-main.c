/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* replay-main: the main of a target where there is no libFuzzer: every file that is named or directly in a named
 * folder, then some mutations of them, the same on every machine.
 *
 *   fuzz-TARGET [--wrong] [--runs=N] [--save=FILE] PATH...
 *
 * Prints how many files and runs there were. An input that fails is written to --save. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_SIZE = 16384, SECONDS = 60 /* for one input */ };

static struct str *inputs;
static size_t input_count, input_cap;
static const char *save;
static const uint8_t *volatile now; /* the input that is tried */
static volatile size_t now_size;

/* Of the sanitizers: an error ends in SIGABRT, as a check that fails does. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "abort_on_error=1:detect_leaks=1";
}

static void keep(int sig)
{
	int fd = save ? open(save, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;

	if (fd >= 0 && now_size > 0 && write(fd, (const void *)now, now_size) < 0)
		(void)!write(STDERR_FILENO, "fuzz: the input can't be saved\n", 31);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

/* A copy of just that size, so that a byte read behind it is seen. */
static void try_input(const void *bytes, size_t size)
{
	uint8_t *copy = xmalloc(size ? size : 1);

	memcpy(copy, bytes, size);
	now = copy;
	now_size = size;
	(void)alarm(SECONDS);
	(void)LLVMFuzzerTestOneInput(copy, size);
	now_size = 0;
	free(copy);
}

static void add_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct str text = {0};
	char buf[4096];
	size_t n;

	if (!file) {
		perror(path);
		exit(2);
	}
	str_add(&text, "");
	while ((n = fread(buf, 1, sizeof buf, file)) > 0)
		str_add_bytes(&text, buf, n);
	(void)fclose(file);
	inputs = xgrow(inputs, input_count, &input_cap, sizeof *inputs);
	inputs[input_count++] = text;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_DIR;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_path(const char *path)
{
	struct dirent **names;
	struct stat st;
	int count;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		add_file(path);
		return;
	}
	count = scandir(path, &names, is_file, by_bytes);
	if (count < 0) {
		perror(path);
		exit(2);
	}
	for (int i = 0; i < count; i++) {
		autofree char *file = xasprintf("%s/%s", path, names[i]->d_name);

		add_file(file);
		free(names[i]);
	}
	free(names);
}

/* splitmix64 */
static uint64_t random_number(uint64_t *state, uint64_t below)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return below ? (z ^ (z >> 31)) % below : 0;
}

/* Puts `with` in the place of `len` bytes at `at`. */
static void replace(struct str *text, size_t at, size_t len, const char *with, size_t with_len)
{
	struct str out = {0};

	str_add_bytes(&out, text->s, at);
	str_add_bytes(&out, with, with_len);
	str_add_bytes(&out, text->s + at + len, text->len - at - len);
	str_done(text);
	*text = out;
}

/* Some bytes of a text: any, or a whole line. */
static void choose(const struct str *text, uint64_t *state, size_t *ret_at, size_t *ret_len)
{
	size_t at = random_number(state, text->len + 1);

	*ret_len = random_number(state, text->len - at < 64 ? text->len - at + 1 : 64);
	if (random_number(state, 2)) {
		while (at > 0 && text->s[at - 1] != '\n')
			at--;
		*ret_len = strcspn(text->s + at, "\n");
		*ret_len += at + *ret_len < text->len;
	}
	*ret_at = at;
}

static void mutate(struct str *text, uint64_t *state)
{
	static const char bytes[] = "\0\1\n\t /.=:;#[]-_!@~$%019aAzZ\x7f\x80\xff";
	size_t at, len, from, from_len;
	const struct str *other = &inputs[random_number(state, input_count)];
	char byte = bytes[random_number(state, sizeof bytes - 1)];

	choose(text, state, &at, &len);
	choose(other, state, &from, &from_len);
	switch (random_number(state, 6)) {
	case 0:
		if (at < text->len)
			text->s[at] = (char)(text->s[at] ^ (1 << random_number(state, 8)));
		break;
	case 1:
		replace(text, at, at < text->len, &byte, 1);
		break;
	case 2:
		replace(text, at, 0, &byte, 1);
		break;
	case 3:
		replace(text, at, len, "", 0);
		break;
	case 4:
		replace(text, at, 0, other->s + from, from_len);
		break;
	default:
		replace(text, at, len, other->s + from, from_len);
		break;
	}
}

static void run_mutations(uint64_t runs)
{
	uint64_t state = 1;

	for (uint64_t i = 0; i < runs; i++) {
		const struct str *from = &inputs[i % input_count];
		uint64_t times = 1 + random_number(&state, 6);
		struct str text = {0};

		str_add_bytes(&text, from->s, from->len);
		while (times-- > 0 && text.len < MAX_SIZE)
			mutate(&text, &state);
		try_input(text.s, text.len);
		str_done(&text);
	}
}

int main(int argc, char **argv)
{
	uint64_t runs = 0;
	struct err e;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--wrong")) {
			fuzz_wrong = true;
		} else if (str_starts(argv[i], "--runs=")) {
			if (units_number(argv[i] + 7, UINT32_MAX, &runs, &e) < 0) {
				(void)fprintf(stderr, "%s\n", e.text);
				return 2;
			}
		} else if (str_starts(argv[i], "--save=")) {
			save = argv[i] + 7;
		} else {
			add_path(argv[i]);
		}
	}
	(void)signal(SIGABRT, keep);
	(void)signal(SIGALRM, keep);
	(void)signal(SIGSEGV, keep);
	for (size_t i = 0; i < input_count; i++)
		try_input(inputs[i].s, inputs[i].len);
	if (input_count)
		run_mutations(runs);
	(void)printf("%zu files, %llu mutations\n", input_count, (unsigned long long)(input_count ? runs : 0));
	for (size_t i = 0; i < input_count; i++)
		str_done(&inputs[i]);
	free(inputs);
	return 0;
}
