/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-open: in a sandbox in the place of xdg-open: asks sbx-broker, outside, to open a link or a file. Nothing depends
 * on what it does: a hostile program talks to the broker by itself.
 *
 *   xdg-open LINK|FILE...      its exit status is that of xdg-open */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "open/open.h"

static const char usage[] = "usage: xdg-open LINK|FILE\n"
			    "Opens it outside of this sandbox, in a program of the profiles in desktop.open.\n";

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static int fail(int status, const char *what, const char *why)
{
	(void)fprintf(stderr, "xdg-open: %s: %s\n", what, why);
	return status;
}

static bool is_link(const char *word)
{
	size_t len = strspn(word, letters);

	len += strspn(word + len, "0123456789+-.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return strchr(letters, word[0]) && len > 1 && word[len] == ':';
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | (c >= 'A' && c <= 'F' ? 0x20 : 0)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The path of file:///A%20B; false: it is none, or too long. */
static bool read_path(const char *link, char *ret, size_t size)
{
	size_t len = 0;

	link += strlen("file:");
	if (strncmp(link, "//localhost/", 12) == 0)
		link += 11;
	else if (strncmp(link, "///", 3) == 0)
		link += 2;
	if (*link != '/')
		return false;
	for (; *link && len + 1 < size; link++) {
		int high = *link == '%' ? digit(link[1]) : -1, low = high >= 0 ? digit(link[2]) : -1;

		ret[len++] = low >= 0 ? (char)(high << 4 | low) : *link;
		link += low >= 0 ? 2 : 0;
	}
	ret[len] = '\0';
	return !*link;
}

/* What a link must not have in it as it is. Its length; 0: too long. */
static size_t write_link(const char *link, char *ret, size_t size)
{
	static const char bytes[] = "0123456789-._~:/?#[]@!$&'()*+,;=%";
	size_t len = 0;

	for (; *link; link++) {
		if (len + 4 > size)
			return 0;
		if (strchr(letters, *link) || strchr(bytes, *link))
			ret[len++] = *link;
		else
			len += (size_t)snprintf(ret + len, 4, "%%%02X", (unsigned char)*link);
	}
	return len;
}

static int connect_broker(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = OPEN_SOCKET};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* Sends the packet, with the file where there is one, and tells the answer. */
static int ask(const char *what, const char *packet, size_t size, int file)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec part = {(char *)(__UINTPTR_TYPE__)packet, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	char answer[OPEN_ANSWER + 1];
	int fd = connect_broker();
	ssize_t n;

	if (fd < 0)
		return fail(OPEN_FAILED, what, "the sbx of this sandbox does not answer: start the program anew");
	if (file >= 0) {
		struct cmsghdr *c = &control.align;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		*c = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof file), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(c), &file, sizeof file);
	}
	(void)sendmsg(fd, &message, MSG_NOSIGNAL); /* it may have answered already */
	do
		n = recv(fd, answer, sizeof answer - 1, 0);
	while (n < 0 && errno == EINTR);
	(void)close(fd);
	if (n < 1)
		return fail(OPEN_FAILED, what, "the sbx of this sandbox gave no answer: try it again");
	answer[n] = '\0';
	if (answer[0] == '0' + OPEN_DONE)
		return OPEN_DONE;
	return fail(answer[0] >= '1' && answer[0] <= '4' ? answer[0] - '0' : OPEN_FAILED, what, answer + 1);
}

static int open_file(const char *what, const char *path)
{
	const char *slash = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), status;
	char packet[OPEN_PACKET];
	struct stat st;
	int len;

	if (fd < 0)
		return fail(OPEN_MISSING, what, strerror(errno));
	len = snprintf(packet, sizeof packet, "%c%s", OPEN_FILE, slash ? slash + 1 : path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		status = fail(OPEN_FAILED, what, "only regular files are opened outside of a sandbox");
	else if (len < 2 || (size_t)len >= sizeof packet)
		status = fail(OPEN_FAILED, what, "its name can't be told");
	else
		status = ask(what, packet, (size_t)len, fd);
	(void)close(fd);
	return status;
}

static int open_link(const char *link)
{
	char packet[OPEN_PACKET + 4] = {OPEN_LINK};
	size_t len = write_link(link, packet + 1, sizeof packet - 1);

	return len ? ask(link, packet, len + 1, -1) : fail(OPEN_FAILED, "the link", "it is longer than 8192 bytes");
}

static int open_word(const char *word)
{
	char path[4096];

	if (strncmp(word, "file:", 5) != 0)
		return is_link(word) ? open_link(word) : open_file(word, word);
	return read_path(word, path, sizeof path) ? open_file(word, path)
						  : fail(OPEN_MISSING, word, "it names no file");
}

int main(int argc, char **argv)
{
	int status = OPEN_DONE;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0 ? OPEN_FAILED : OPEN_DONE;
	if (argc < 2 || argv[1][0] == '-') {
		(void)fputs(usage, stderr);
		return OPEN_USAGE;
	}
	for (int i = 1; i < argc && status == OPEN_DONE; i++)
		status = open_word(argv[i]);
	return status;
}
