/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bss: a static array of 300 MB, as the start of many programs; with an argument it is touched. */
#include <stddef.h>

static volatile char array[300 << 20];

int main(int argc, char **argv)
{
	(void)argv;
	for (size_t i = 0; argc > 1 && i < sizeof array; i += 4096)
		array[i] = 1;
	return array[12345] > 1;
}
