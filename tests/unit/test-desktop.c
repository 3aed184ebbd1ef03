/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-desktop: .desktop files and D-Bus services: their lines, what their Exec starts, and overrides of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "desktop/override.h"

static struct str text_of(const char *text)
{
	struct str str = {0};

	str_add(&str, text);
	return str;
}

/* --- lines --- */

static void test_lines(void **state)
{
	static const struct {
		const char *group, *key, *value;
	} lines[] = {{"", "", ""},
		     {"", "Early", "1"},
		     {"Desktop Entry", "", ""},
		     {"Desktop Entry", "Name", "a = b"},
		     {"Desktop Entry", "Name[de]", "x\t"},
		     {"Desktop Entry", "", ""},
		     {"Desktop Entry", "", ""},
		     {"Desktop Entry", "Exec", "late"},
		     {"X Other", "", ""},
		     {"X Other", "Last", ""}};
	autostr struct str text = text_of("# a comment = none\nEarly=1\n[Desktop Entry] \r\nName\t=  a = b\r\n"
					  "Name[de]=x\t\n\nno key\n  Exec=late\n[X Other\nLast="),
			   again = {0};
	struct keyfile file;
	struct keyline line;
	size_t n = 0;

	(void)state;
	keyfile_begin(&file, &text);
	for (; keyfile_next(&file, &line); n++) {
		assert_true(n < countof(lines));
		assert_true(span_is(line.group, lines[n].group));
		assert_true(span_is(line.key, lines[n].key));
		assert_true(span_is(line.value, lines[n].value));
		str_add_bytes(&again, line.all.s, line.all.len);
	}
	assert_int_equal(n, countof(lines));
	assert_string_equal(again.s, text.s);
	n = 0;
	str_done(&text);
	keyfile_begin(&file, &text);
	assert_false(keyfile_next(&file, &line));
}

static void test_values(void **state)
{
	autostr struct str text = text_of("[A]\nK=in A\n[B]\nK[de]=no\nK=a\\sb\\\\\\n\\q\\\nK=second\n"), out = {0};
	autofree char *a = keyfile_value(&text, "A", "K"), *b = keyfile_value(&text, "B", "K");
	struct err e = {0};

	(void)state;
	assert_string_equal(a, "in A");
	assert_string_equal(b, "a b\\\n\\q\\");
	assert_null(keyfile_value(&text, "B", "K[fr]"));
	assert_null(keyfile_value(&text, "C", "K"));
	assert_int_equal(keyfile_escape("a\\b", &out, &e), 0);
	assert_string_equal(out.s, "a\\\\b");
	assert_int_equal(keyfile_escape("a\nb", &out, &e), -EINVAL);
}

/* --- Exec --- */

/* The words of a value, with a '|' between them; NULL: it is wrong. Owned by the caller. */
static char *words_of(const char *value)
{
	autostrv struct strv words = {0};
	autostr struct str out = {0};
	struct err e = {0};

	if (exec_words((struct span){value, strlen(value)}, &words, &e) < 0) {
		assert_int_equal(e.code, EINVAL);
		return NULL;
	}
	for (size_t i = 0; i < words.count; i++)
		str_addf(&out, "%s%s", i ? "|" : "", words.v[i]);
	return take(out.s);
}

static void test_words(void **state)
{
	static const struct {
		const char *value, *words;
	} rows[] = {
		{"firefox %u", "firefox|%u"},
		{"  a\tb  ", "a|b"},
		{"\"/opt/My App/app\" --x=\"a\\\\\"b\" %F", "/opt/My App/app|--x=a\"b|%F"},
		{"\"a \\\\$b \\\\\\\\ \\\\` \\\\x\"", "a $b \\ ` \\x"}, /* four in the file are one for the program */
		{"a\\sb", "a|b"},                                       /* escapes come first */
		{"a\\\\ b", "a b"},
		{"sh -c 'x \"y\" \\\\z'", "sh|-c|x \"y\" \\z"},
		{"a'b c'\"d e\"f", "ab cd ef"},
		{"a \"\" ''", "a||"},
		{"a %% %i %c %k", "a|%%|%i|%c|%k"},
		{"", NULL},
		{" \\t\\n", NULL},
		{"a \"b", NULL},
		{"a 'b\\\\'c'", NULL},
		{"a\\\\", "a\\"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *words = words_of(rows[i].value);

		if (rows[i].words)
			assert_string_equal(words, rows[i].words);
		else
			assert_null(words);
	}
}

static void test_one_word(void **state)
{
	static const char *const words[] = {"/usr/bin/sbx", "/opt/a b/sbx", "it's", "a\"b", "a\\b", "$HOME",  "`id`",
					    "a;b",          "#a",           "",     "a\tb", "ü",    "--x=(1)"};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < countof(words); i++) {
		autostr struct str out = {0}, shell = {0};
		autofree char *back = NULL;
		int r = exec_add_word(words[i], EXEC_ENTRY, &out, &e);

		assert_int_equal(exec_add_word(words[i], EXEC_SHELL, &shell, &e), 0);
		if (strchr(words[i], '\t')) { /* a line of such a file has no control bytes */
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, 0);
		back = words_of(out.s);
		assert_string_equal(back, words[i]);
	}
	for (int form = EXEC_ENTRY; form <= EXEC_SHELL; form++) {
		autostr struct str out = {0};

		assert_int_equal(exec_add_word("/a%u", (enum exec_form)form, &out, &e), 0);
		assert_string_equal(out.s, form == EXEC_ENTRY ? "/a%%u" : "/a%u");
		assert_int_equal(exec_add_word("a\nb", (enum exec_form)form, &out, &e), -EINVAL);
	}
}

static void test_program(void **state)
{
	static const struct {
		const char *value;
		enum exec_kind kind;
		const char *name;
	} rows[] = {
		{"/usr/lib/firefox-esr/firefox-esr %u", EXEC_PROGRAM, "firefox-esr"},
		{"evince %U", EXEC_PROGRAM, "evince"},
		{"env A=b C= gimp %U", EXEC_PROGRAM, "gimp"},
		{"env -u A gimp", EXEC_PROGRAM, "-u"}, /* no name of a program: no profile has it */
		{"env A=b", EXEC_PROGRAM, "A=b"},
		{"/usr/bin/python3.11 /usr/share/tool/tool.py %f", EXEC_PROGRAM, "tool.py"},
		{"python3 -m tool", EXEC_COMMANDS, "python3"},
		{"/usr/bin/python3.11", EXEC_PROGRAM, "python3.11"},
		{"python3-config x", EXEC_PROGRAM, "python3-config"},
		{"sh -c \"evince %f\"", EXEC_COMMANDS, "sh"},
		{"sh %f", EXEC_PROGRAM, "sh"},
		{"/usr/bin/flatpak run --branch=stable org.gimp.GIMP", EXEC_FLATPAK, "flatpak"},
		{"env BAMF=/x.desktop /snap/bin/firefox %u", EXEC_SNAP, "firefox"},
		{"/usr/bin/sbx --profile=a -- b", EXEC_SANDBOX, "sbx"},
		{"firejail evince", EXEC_SANDBOX, "firejail"},
		{"%f", EXEC_CODE, "%f"},
		{"/opt/100%%/a", EXEC_PROGRAM, "a"},
		{"/opt/a%", EXEC_CODE, "a%"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autostrv struct strv words = {0};
		struct exec_program program = {0};
		struct err e = {0};

		assert_int_equal(exec_words((struct span){rows[i].value, strlen(rows[i].value)}, &words, &e), 0);
		exec_program(&words, &program);
		assert_int_equal(program.kind, rows[i].kind);
		assert_string_equal(program.name, rows[i].name);
	}
}

/* --- overrides --- */

static const struct override entry = {EXEC_ENTRY, "/usr/bin/sbx", "viewer", "/usr/share/applications/a.desktop"},
			     service = {EXEC_SERVICE, "/o p/sbx", "viewer", "/usr/share/dbus-1/services/a.service"},
			     script = {EXEC_SHELL, "/usr/bin/sbx", "viewer", "/usr/bin/it's $HOME"};

/* What is made of a text, without the marks; NULL: nothing. Owned by the caller. */
static char *made_of(const struct override *how, const char *from, struct err *e)
{
	autostr struct str text = text_of(from), all = {0}, out = {0};
	struct keyfile file;
	struct keyline line;
	int marks = 0;

	if (override_make(how, &text, &all, e) < 0)
		return NULL;
	str_add(&out, "");
	keyfile_begin(&file, &all);
	while (keyfile_next(&file, &line)) {
		bool mark = span_starts(line.key, "X-Sbx-");

		marks += mark;
		if (!mark)
			str_add_bytes(&out, line.all.s, line.all.len);
	}
	assert_int_equal(marks, 5);
	return take(out.s);
}

#define P "/usr/bin/sbx --profile=viewer -- "

static void test_entries(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"[Desktop Entry]\nExec=a %U\n", "[Desktop Entry]\nExec=" P "a %U\n"},
		{"[Desktop Entry]\nExec=a", "[Desktop Entry]\nExec=" P "a"},
		/* all else stays: comments, order, locales, unknown groups, blanks, what is no line of the format */
		{"# c\n\n[Desktop Entry]\n#Exec=c\nName[x]= ü \nExec = \"a b\"  %f  \n?\n[X-Y]\nExec=z\nK\n",
		 "# c\n\n[Desktop Entry]\n#Exec=c\nName[x]= ü \nExec = " P "\"a b\"  %f  \n?\n[X-Y]\nExec=z\nK\n"},
		{"[Desktop Entry]\r\nExec=a\r\nDBusActivatable=true\r\n",
		 "[Desktop Entry]\r\nExec=" P "a\r\nDBusActivatable=false\r\n"},
		/* each Exec that somebody might read */
		{"[Desktop Entry]\nExec=a\nExec[de]=b\nTryExec=a\n[Desktop Action new]\n Exec=a --new\n"
		 "[Mail Shortcut Group]\nExec=a m\n[Desktop Entry]\nExec=again",
		 "[Desktop Entry]\nExec=" P "a\nExec[de]=" P "b\nTryExec=a\n[Desktop Action new]\n Exec=" P "a --new\n"
		 "[Mail Shortcut Group]\nExec=" P "a m\n[Desktop Entry]\nExec=" P "again"},
		{"[Desktop Entry]\nExec=a\nDBusActivatable[x]=true",
		 "[Desktop Entry]\nExec=" P "a\nDBusActivatable[x]=false"},
		{"[Desktop Entry]\nExec=mpv --x -- %U\n", "[Desktop Entry]\nExec=" P "mpv --x -- %U\n"},
	};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *to = made_of(&entry, rows[i].from, &e);

		assert_non_null(to);
		assert_string_equal(to, rows[i].to);
	}
}

static void test_services(void **state)
{
	struct err e = {0};
	autofree char *to = made_of(&service,
				    "[D-BUS Service]\nName=a.b\nExec=/usr/bin/a --s\nSystemdService=a.service\nUser=u\n"
				    "[Desktop Action x]\nExec=b\n",
				    &e);

	(void)state;
	assert_string_equal(to,
			    "[D-BUS Service]\nName=a.b\nExec=\"/o p/sbx\" --profile=viewer -- /usr/bin/a --s\nUser=u\n"
			    "[Desktop Action x]\nExec=b\n");
}

static void test_scripts(void **state)
{
	autostr struct str none = {0}, text = {0};
	struct marks marks;
	struct err e = {0};

	(void)state;
	assert_int_equal(override_make(&script, &none, &text, &e), 0);
	assert_true(str_starts(text.s, "#!/bin/sh\n# "));
	assert_non_null(strstr(text.s, "\nexec /usr/bin/sbx --profile=viewer -- \"/usr/bin/it's \\$HOME\" \"$@\"\n"));
	marks_read(&text, EXEC_SHELL, &marks);
	assert_true(marks.generated);
	assert_false(marks.edited);
	assert_string_equal(marks.profile, "viewer");
	assert_string_equal(marks.source, script.source);
	marks_done(&marks);
	str_add(&text, "\n");
	marks_read(&text, EXEC_SHELL, &marks);
	assert_true(marks.edited);
	marks_done(&marks);
}

static void test_refused(void **state)
{
	static const struct {
		const char *from, *why;
	} rows[] = {{"", "no group"},
		    {"Exec=a\n", "no group"},
		    {"[Desktop Entry\nName=a", "no Exec"},
		    {"[Desktop Entry]\n[Desktop Action x]\nExec=a\n", "no Exec"},
		    {"[Desktop Entry]\nExec=\n", "empty"},
		    {"[Desktop Entry]\nExec=a \"b\n", "no end"},
		    {"[Desktop Entry]\nExec=a\nX-Sbx-Generated=1\n", "key of sbx's own"}};
	struct override equals = entry, feed = entry;
	autostr struct str nul = {0}, out = {0};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		assert_null(made_of(&entry, rows[i].from, &e));
		assert_int_equal(e.code, EINVAL);
		assert_non_null(strstr(e.text, rows[i].why));
	}
	str_add_bytes(&nul, "[Desktop Entry]\nExec=a\n\0", 24);
	assert_int_equal(override_make(&entry, &nul, &out, &e), -EINVAL);
	equals.sbx = "/opt/a=b/sbx";
	assert_null(made_of(&equals, "[Desktop Entry]\nExec=a\n", &e));
	feed.source = "/a\nExec=evil";
	assert_null(made_of(&feed, "[Desktop Entry]\nExec=a\n", &e));
	feed.source = "/a";
	feed.profile = "x\nExec=evil";
	assert_null(made_of(&feed, "[Desktop Entry]\nExec=a\n", &e));
	assert_null(out.s);
}

static void test_marks(void **state)
{
	autostr struct str text = text_of("[Desktop Entry]\nExec=a\n"), all = {0}, other = {0};
	struct override how = entry;
	struct marks marks;
	struct err e = {0};

	(void)state;
	how.source = "/a\\b";
	assert_int_equal(override_make(&how, &text, &all, &e), 0);
	marks_read(&all, EXEC_ENTRY, &marks);
	assert_true(marks.generated);
	assert_false(marks.edited);
	assert_string_equal(marks.profile, "viewer");
	assert_string_equal(marks.source, "/a\\b");
	assert_int_equal(strlen(marks.sha256), SHA256_TEXT - 1);
	marks_done(&marks);
	for (size_t i = 0; i < all.len; i++) { /* no bit of it can change unseen */
		all.s[i] ^= 1;
		marks_read(&all, EXEC_ENTRY, &marks);
		assert_true(!marks.generated || marks.edited);
		marks_done(&marks);
		all.s[i] ^= 1;
	}
	marks_read(&text, EXEC_ENTRY, &marks);
	assert_false(marks.generated);
	str_add(&other, "[X]\nX-Sbx-Generated=1\n[Desktop Entry]\nX-Sbx-Generated=0\n# X-Sbx-Generated=1\n");
	marks_read(&other, EXEC_ENTRY, &marks);
	assert_false(marks.generated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),    cmocka_unit_test(test_values),  cmocka_unit_test(test_words),
		cmocka_unit_test(test_one_word), cmocka_unit_test(test_program), cmocka_unit_test(test_entries),
		cmocka_unit_test(test_services), cmocka_unit_test(test_scripts), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_marks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
