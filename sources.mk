# Made by build-aux/sources.sh from what is in the folders.

BASE = \
	src/base/err.c \
	src/base/err.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/mem.c \
	src/base/mem.h \
	src/base/str.c \
	src/base/str.h \
	src/base/sys.h \
	src/base/units.c \
	src/base/units.h

PLAN = \
	src/plan/kinds.def \
	src/plan/plan.h

RUN = \
	src/run/cgroup.h \
	src/run/cputime.c \
	src/run/cputime.h \
	src/run/denied.c \
	src/run/denied.h \
	src/run/events.c \
	src/run/exec.c \
	src/run/identity.c \
	src/run/init.c \
	src/run/init.h \
	src/run/kernel-mounts.c \
	src/run/landlock.c \
	src/run/limits.c \
	src/run/monitor.c \
	src/run/monitor.h \
	src/run/mounts.c \
	src/run/outcome.c \
	src/run/outcome.h \
	src/run/prepare.c \
	src/run/prepare.h \
	src/run/privilege.c \
	src/run/relay.c \
	src/run/relay.h \
	src/run/resolve.c \
	src/run/resolve.h \
	src/run/run.c \
	src/run/run.h \
	src/run/status.c \
	src/run/status.h \
	src/run/stdio.c \
	src/run/steps.h \
	src/run/system.c \
	src/run/terminal.c \
	src/run/terminal.h \
	src/run/walk.c

POLICY = \
	src/policy/argv.h \
	src/policy/check.h \
	src/policy/expand.c \
	src/policy/expand.h \
	src/policy/ini.h \
	src/policy/policy.c \
	src/policy/policy.h \
	src/policy/profile.h \
	src/policy/settings.c \
	src/policy/settings.def \
	src/policy/suggest.c \
	src/policy/suggest.h \
	src/policy/value.c \
	src/policy/value.h

HOST = \
	src/host/host.h

COMPILE = \
	src/compile/compile.h \
	src/compile/context.h \
	src/compile/filter.h

CTL =

SHARED = \
	src/message.c \
	src/message.h \
	src/variables.c \
	src/variables.h

UNIT_TESTS =

TEST_LIBRARY =

PLAN_PROGRAMS =

ATTACK_HELPER = \
	tests/attack/attack.c \
	tests/attack/attack.h \
	tests/attack/fd.c \
	tests/attack/file.c \
	tests/attack/mode.c \
	tests/attack/mount.c \
	tests/attack/network.c \
	tests/attack/privilege.c \
	tests/attack/process.c \
	tests/attack/pty.c \
	tests/attack/ring.c \
	tests/attack/setup.c \
	tests/attack/state.c \
	tests/attack/syscall.c

PLAN_TESTS =

RUN_TESTS =

ATTACK_TESTS = \
	tests/attack/attack-E.sh \
	tests/attack/attack-F.sh \
	tests/attack/attack-I.sh \
	tests/attack/attack-L.sh \
	tests/attack/attack-M.sh \
	tests/attack/attack-N.sh \
	tests/attack/attack-P.sh \
	tests/attack/attack-S.sh \
	tests/attack/attack-T.sh

FAULT_TESTS =

DESKTOP_TESTS = \
	tests/desktop/browser.sh

VM_TESTS =

LINT_TESTS =

PROFILES = \
	profiles/audio.ini \
	profiles/browser.ini \
	profiles/compile.ini \
	profiles/default.ini \
	profiles/download.ini \
	profiles/editor.ini \
	profiles/fonts.ini \
	profiles/gpu.ini \
	profiles/grader.ini \
	profiles/gui.ini \
	profiles/java.ini \
	profiles/network-client.ini \
	profiles/node.ini \
	profiles/office.ini \
	profiles/player.ini \
	profiles/python.ini \
	profiles/tls.ini \
	profiles/viewer.ini

DATA = \
	profiles/audio.ini \
	profiles/browser.ini \
	profiles/compile.ini \
	profiles/default.ini \
	profiles/download.ini \
	profiles/editor.ini \
	profiles/fonts.ini \
	profiles/gpu.ini \
	profiles/grader.ini \
	profiles/gui.ini \
	profiles/java.ini \
	profiles/network-client.ini \
	profiles/node.ini \
	profiles/office.ini \
	profiles/player.ini \
	profiles/python.ini \
	profiles/tls.ini \
	profiles/viewer.ini \
	tests/attack/attack-E.sh \
	tests/attack/attack-F.sh \
	tests/attack/attack-I.sh \
	tests/attack/attack-L.sh \
	tests/attack/attack-M.sh \
	tests/attack/attack-N.sh \
	tests/attack/attack-P.sh \
	tests/attack/attack-S.sh \
	tests/attack/attack-T.sh \
	tests/attack/common.sh \
	tests/desktop/browser.sh \
	tests/desktop/page.html
