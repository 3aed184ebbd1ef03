/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grading: what the programs of the test corpus share. Each is told its name and its words, and returns its status. */
#pragma once

#include <stdbool.h>

enum { MIB = 1 << 20, FAILED = 1, UNKNOWN = 99 };

struct program {
	const char *name;
	int (*run)(int argc, char **argv); /* the words after the name */
};

/* A group ends with a row whose name is NULL. */
extern const struct program end_programs[], time_programs[], memory_programs[], process_programs[], file_programs[],
	kernel_programs[], talk_programs[], state_programs[];

double now(int clock);
/* Is busy until this process, with all its threads, has used so much of the processor. */
void burn(double seconds);
/* The word as a number; `otherwise` if there are not so many words. */
double number(int argc, char **argv, int which, double otherwise);
bool is(int argc, char **argv, const char *word);
/* Prints the text with the name of errno, and returns `status`. */
int says(int status, const char *text);
