/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe: what a hostile program would try first, each in a form that changes nothing: files are opened and not read,
 * sockets connected and not written to, system calls made with arguments that no kernel takes. */
#pragma once

enum { IDENTITY_SIZE = 64 };

/* Each returns 0 if the thing is reached, else the errno that kept it away. `identity` is empty before; where two
 * things can have one name, outside and inside, it gets what tells them apart. The process may be killed for the
 * attempt. */
typedef int attempt(const char *what, char identity[IDENTITY_SIZE]);

/* files.c: a path. `write`: of a file that is not there, the nearest folder above. */
attempt try_read, try_write, try_setuid;
/* devices.c: a path. It is opened only if opening has no effect of its own. */
attempt try_device;
/* sockets.c: a path, or @NAME for an abstract socket. */
attempt try_connect;
/* network.c: a port of 127.0.0.1; an address, to which nothing is sent; nothing. */
attempt try_tcp, try_udp, try_route, try_interfaces, try_listen;
/* processes.c: a word of the command line of a process; the id of a shared memory segment; the name of a variable. */
attempt try_find, try_signal, try_memory, try_segment, try_variable;
/* kernel.c: user or mount; no-new-privs, filter or capabilities; a file below /proc or /sys; packet or raw;
 * nothing; x32 or i386. */
attempt try_namespace, try_state, try_kernel_file, try_family, try_code, try_table;
/* calls.c: the name of a row of calls.def. */
attempt try_call;
