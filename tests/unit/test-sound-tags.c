/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sound-tags: values of the protocol of sound. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sound/tags.h"

/* Every value, cut at each byte: it is never taken for more than is there. */
static void test_cut(void **state)
{
	static const char all[] =
		"tname\0NL\0\0\0\1B\1R12345678r12345678a\1\2\0\0\0\1x\0\0\0\2ab10T12345678U12345678m\2"
		"\1\2v\1\0\0\0\1V\0\0\0\1Ptk\0L\0\0\0\1x\0\0\0\1zNfB\1PN";
	unsigned values = 0;

	(void)state;
	for (size_t size = 0; size < sizeof all; size++) {
		autofree unsigned char *exact = xmalloc(size ? size : 1);
		struct tags tags = {exact, exact + size};
		struct tag tag;
		int r;

		memcpy(exact, all, size);
		for (values = 0; (r = tags_next(&tags, &tag)) == 1; values++)
			assert_true(tag.start + tag.size <= exact + size);
		assert_true(r == 0 || r == -EBADMSG);
	}
	assert_int_equal(values, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
