/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* payload: the shortest program, so that what is timed is the launcher. */
int main(void)
{
	return 0;
}
