/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-image: images of the host that tests make by hand. */
#include "base/mem.h"
#include "tests/plan/fake-host.h"

void fake_host_image(struct fake_host *fake)
{
	static const char *const folders[] = {"bin", "dev", "etc", "srv", "tmp", "usr"};
	struct host_image *image = xcalloc(1, sizeof *image);

	image->digest = xstrdup("sha256:1111111111111111111111111111111111111111111111111111111111111111");
	for (int i = 2; i > 0; i--) {
		strv_take(&image->locks, xasprintf("/home/user/.local/share/sbx/images/layers/%d", i));
		strv_take(&image->layers, xasprintf("/home/user/.local/share/sbx/images/layers/%d/tree", i));
	}
	for (size_t i = 0; i < countof(folders); i++)
		strv_add(&image->folders, folders[i]);
	strv_add(&image->files, "start");
	strv_add(&image->command, "/start");
	strv_add(&image->environment, "PATH=/usr/bin:/bin");
	strv_add(&image->environment, "PORT=80");
	image->home = xstrdup("/srv");
	image->user = xstrdup("www-data");
	image->folder = xstrdup("/srv");
	image->uid = image->gid = 33;
	fake->host.image = image;
}

void fake_host_seal(struct fake_host *fake)
{
	struct host_seal *seal = xcalloc(1, sizeof *seal);

	fake_host_image(fake);
	strv_done(&fake->host.image->layers);
	strv_done(&fake->host.image->locks);
	*seal = (struct host_seal){.file = xstrdup("/srv/app.squashfs"),
				   .form = xstrdup("squashfs"),
				   .state = xstrdup("8:1:77 123456 bytes 1000000000.000000000 1000000001.000000000"),
				   .safe = true,
				   .fuse_known = "squashfuse_ll",
				   .program = xstrdup("/usr/bin/squashfuse_ll"),
				   .sbx = xstrdup("/usr/bin/sbx")};
	fake->host.image->seal = seal;
	fake_host_add(fake, "c /dev/loop-control 10:237");
}
