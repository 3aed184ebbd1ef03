/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-argv: the input is the words after `sbx`, each ended by NUL. A second, simple reading of the options must find
 * the command at the same word; what they set must become a policy that is sound, or errors that say why. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/argv.h"
#include "policy/check.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096, MAX_WORDS = 64 };

struct found {
	int command; /* index of its word */
	size_t profiles, settings;
	bool batch;
};

enum option {
	OPTION_NONE,
	OPTION_PROFILE,
	OPTION_SETTING,
	OPTION_VALUE,
	OPTION_FLAG,
	OPTION_OPTIONAL,
	OPTION_BATCH,
	OPTION_LAST
};

static bool is_named(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(word, name, len) == 0;
}

static enum option option_of(const char *word, size_t len)
{
	static const struct {
		const char *name;
		enum option option;
	} own[] = {{"--profile", OPTION_PROFILE},  {"--set", OPTION_SETTING},     {"--name", OPTION_VALUE},
		   {"--explain", OPTION_OPTIONAL}, {"--quiet", OPTION_FLAG},      {"--verbose", OPTION_FLAG},
		   {"--help", OPTION_LAST},        {"--version", OPTION_LAST},    {"--batch", OPTION_BATCH},
		   {"--slots", OPTION_VALUE},      {"--slot-cpus", OPTION_VALUE}, {"--grace", OPTION_VALUE}};

	for (size_t i = 0; i < countof(own); i++)
		if (is_named(word, len, own[i].name))
			return own[i].option;
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (settings[i].shorthand && is_named(word + 2, len - 2, settings[i].shorthand))
			return OPTION_SETTING;
	return OPTION_NONE;
}

static enum option letter_of(const char *word)
{
	switch (word[1]) {
	case 'p':
		return OPTION_PROFILE;
	case 's':
		return OPTION_SETTING;
	case 'q':
	case 'v':
		return word[2] ? OPTION_NONE : OPTION_FLAG;
	default:
		return OPTION_NONE;
	}
}

/* False where the words can be no command line. What the values are is not looked at. */
static bool read_words(char **argv, struct found *found)
{
	int i = 1;

	*found = (struct found){0};
	while (argv[i] && argv[i][0] == '-' && argv[i][1]) {
		const char *word = argv[i++];
		bool is_long = word[1] == '-', attached = is_long ? strchr(word, '=') != NULL : word[2] != '\0';
		enum option option;

		if (str_eq(word, "--")) {
			i -= fuzz_wrong;
			break;
		}
		option = is_long ? option_of(word, strcspn(word, "=")) : letter_of(word);
		if (option == OPTION_NONE ||
		    (attached && (option == OPTION_FLAG || option == OPTION_BATCH || option == OPTION_LAST)))
			return false;
		if (option == OPTION_LAST) {
			found->command = i;
			return true;
		}
		found->profiles += option == OPTION_PROFILE;
		found->settings += option == OPTION_SETTING;
		found->batch = option == OPTION_BATCH || (found->batch && option != OPTION_OPTIONAL);
		if (option == OPTION_FLAG || option == OPTION_BATCH || option == OPTION_OPTIONAL || attached)
			continue;
		if (!argv[i++])
			return false;
	}
	found->command = i;
	return !argv[i] || (!found->batch && *argv[i]);
}

/* An image that is named, or that a profile names, may have a command. */
static bool may_be_without_command(const struct request *request)
{
	bool image = request->profiles.count > 0;

	for (size_t i = 0; i < request->set_count; i++)
		image = image || request->set[i].id == SET_filesystem_image;
	return image;
}

static void check_request(const struct request *request, char **argv, const struct found *found)
{
	bool batch = request->action == ACTION_BATCH;
	bool runs = !batch && request->action != ACTION_HELP && request->action != ACTION_VERSION;

	FUZZ_CHECK(request->command == argv + found->command);
	FUZZ_CHECK(request->profiles.count == found->profiles && request->set_count == found->settings);
	FUZZ_CHECK(!runs || (*request->command ? **request->command : may_be_without_command(request)));
	FUZZ_CHECK(!batch || (!*request->command && !request->name));
	FUZZ_CHECK(!request->of_batch || !runs);
	FUZZ_CHECK(!request->name || (*request->name && strlen(request->name) <= 64 && !strchr(request->name, '/')));
	for (size_t i = 0; i < request->set_count; i++)
		FUZZ_CHECK(request->set[i].id < SETTING_COUNT && request->set[i].option[0] == '-');
}

static void check_lay(const struct request *request)
{
	struct policy policy = {0};
	struct errlist errors = {0};
	struct err e;
	size_t before;
	int r;

	FUZZ_CHECK(policy_defaults(&policy, &fuzz_variables, &e) == 0);
	r = argv_lay(request, &policy, &fuzz_variables, &errors);
	FUZZ_CHECK((r == 0) == (errors.count == 0) && errors.count <= request->set_count);
	before = errors.count;
	policy_check(&policy, &errors);
	fuzz_check_policy(&policy);
	fuzz_check_errors(&errors);
	if (errors.count == before)
		fuzz_check_checked(&policy);
	/* the last of several wins, and it is known who asked */
	for (size_t i = 0; r == 0 && i < request->set_count; i++) {
		const struct value *value = policy_value(&policy, request->set[i].id);

		if (settings[request->set[i].id].many || !*request->set[i].text || !value)
			continue;
		FUZZ_CHECK(value->layer == 1 || !value->origin.file);
		FUZZ_CHECK(!value->origin.file || (value->origin.file[0] == '-' && value->origin.line == 0));
	}
	errlist_done(&errors);
	policy_done(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = {data, data + size};
	struct request request = {.verbosity = 77};
	char program[] = "sbx", *argv[MAX_WORDS + 2] = {program};
	struct fuzz_part part;
	struct found found;
	struct err e;
	int argc = 1, r;
	bool good;

	if (size > MAX_BYTES)
		return 0;
	while (argc <= MAX_WORDS && fuzz_next_part(&in, &part))
		argv[argc++] = xstrndup(part.text, part.size);
	good = read_words(argv, &found);
	r = argv_parse(argc, argv, &request, &e);
	FUZZ_CHECK(good || r < 0);
	if (r < 0) {
		FUZZ_CHECK(request.verbosity == 77 && e.code == -r && e.text[0]);
	} else {
		check_request(&request, argv, &found);
		check_lay(&request);
		request_done(&request);
	}
	while (argc > 1)
		free(argv[--argc]);
	return 0;
}
