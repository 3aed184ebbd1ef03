/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coverage: what a build for gcov (./configure --enable-coverage) needs of code that runs before libc is ready, or ends
 * without it: gcov's counters exist from the first constructor on, and are written by exit(). Nothing in other builds.
 */
#pragma once

#ifdef WITH_COVERAGE
#define BEFORE_ALL ".init_array"
void __gcov_dump(void);
#define coverage_keep() __gcov_dump()
#else
#define BEFORE_ALL ".preinit_array"
#define coverage_keep() (void)0
#endif
