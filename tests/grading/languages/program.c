/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each language's program does with its input: `sum N...`, `hog`, or `tasks`. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *task(void *number)
{
	*(long *)number *= 2;
	return NULL;
}

static void tasks(void)
{
	pthread_t thread[8];
	long numbers[8], sum = 0;

	for (int i = 0; i < 8; i++) {
		numbers[i] = i;
		if (pthread_create(&thread[i], NULL, task, &numbers[i]) != 0)
			exit(3);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(thread[i], NULL);
		sum += numbers[i];
	}
	printf("%ld\n", sum);
}

int main(void)
{
	char word[16];
	long number, sum = 0;

	if (scanf("%15s", word) != 1)
		return 2;
	while (strcmp(word, "hog") == 0)
		memset(malloc(1 << 20), 1, 1 << 20);
	if (strcmp(word, "tasks") == 0) {
		tasks();
		return 0;
	}
	while (scanf("%ld", &number) == 1)
		sum += number;
	printf("%ld\n", sum);
	return 0;
}
