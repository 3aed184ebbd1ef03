/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nolibc: a static program that makes one system call, exit. */
__attribute__((noreturn)) void _start(void);

void _start(void)
{
#if defined __x86_64__
	__asm__ volatile("mov $60, %eax; mov $5, %edi; syscall");
#elif defined __aarch64__
	__asm__ volatile("mov x8, #93; mov x0, #5; svc #0");
#endif
	__builtin_unreachable();
}
