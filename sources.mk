# Made by build-aux/sources.sh from what is in the folders.

BASE_FILES = \
	src/base/child.c \
	src/base/child.h \
	src/base/coverage.h \
	src/base/err.c \
	src/base/err.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/folder.c \
	src/base/folder.h \
	src/base/json.c \
	src/base/json.h \
	src/base/mem.c \
	src/base/mem.h \
	src/base/path.c \
	src/base/path.h \
	src/base/raw.h \
	src/base/sha256.c \
	src/base/sha256.h \
	src/base/str.c \
	src/base/str.h \
	src/base/sys.h \
	src/base/units.c \
	src/base/units.h

PLAN_FILES = \
	src/plan/encode.c \
	src/plan/kinds.c \
	src/plan/kinds.def \
	src/plan/operands.c \
	src/plan/operands.h \
	src/plan/plan.c \
	src/plan/plan.h \
	src/plan/print.c \
	src/plan/share.c \
	src/plan/share.h \
	src/plan/verify.c

GATE_FILES = \
	src/gate/call.h \
	src/gate/cgroup.c \
	src/gate/gate.c \
	src/gate/gate.h

INIT_FILES = \
	src/init/box.c \
	src/init/count.c \
	src/init/exec.c \
	src/init/identity.c \
	src/init/image.c \
	src/init/init.c \
	src/init/init.h \
	src/init/kernel-mounts.c \
	src/init/landlock.c \
	src/init/limits.c \
	src/init/mounts.c \
	src/init/overlay.c \
	src/init/privilege.c \
	src/init/resolve.c \
	src/init/resolve.h \
	src/init/schedstat.h \
	src/init/share.c \
	src/init/status.c \
	src/init/status.h \
	src/init/steps.h \
	src/init/system.c \
	src/init/walk.c

BOX_FILES = \
	src/box/carry-file.c \
	src/box/carry-file.h \
	src/box/carry.c \
	src/box/carry.h \
	src/box/clear.c \
	src/box/clear.h \
	src/box/pattern.c \
	src/box/pattern.h \
	src/box/place.c \
	src/box/place.h \
	src/box/store.c \
	src/box/store.h

IMAGE_FILES = \
	src/image/archive.c \
	src/image/collect.c \
	src/image/digest.c \
	src/image/image.c \
	src/image/image.h \
	src/image/layer.c \
	src/image/layout.c \
	src/image/manifest.c \
	src/image/merged.c \
	src/image/merged.h \
	src/image/new.c \
	src/image/parts.h \
	src/image/ref.c \
	src/image/refs.c \
	src/image/store.c \
	src/image/user.c \
	src/image/user.h \
	src/image/whiteout.c

SESSION_FILES = \
	src/session/beneath.c \
	src/session/beneath.h \
	src/session/check.c \
	src/session/commit.c \
	src/session/commit.h \
	src/session/measure.c \
	src/session/measure.h \
	src/session/read.c \
	src/session/read.h \
	src/session/same.c \
	src/session/session.c \
	src/session/session.h

PACK_FILES = \
	src/pack/cache.c \
	src/pack/closure.c \
	src/pack/closure.h \
	src/pack/collect.c \
	src/pack/collect.h \
	src/pack/copy.c \
	src/pack/depends.c \
	src/pack/elf.c \
	src/pack/elf.h \
	src/pack/folder.c \
	src/pack/loader-path.c \
	src/pack/loader.c \
	src/pack/loader.h \
	src/pack/made.c \
	src/pack/object.c \
	src/pack/pack.h \
	src/pack/package.c \
	src/pack/root.c \
	src/pack/root.h \
	src/pack/rules.c \
	src/pack/rules.def \
	src/pack/script.c

LIVE_FILES = \
	src/live/changes.c \
	src/live/changes.h \
	src/live/claim.c \
	src/live/live.h \
	src/live/names.h \
	src/live/read.c

RUN_FILES = \
	src/run/aside.c \
	src/run/aside.h \
	src/run/box.c \
	src/run/box.h \
	src/run/bpf-run.c \
	src/run/bpf-run.h \
	src/run/cgroup-files.c \
	src/run/cgroup-files.h \
	src/run/cgroup-own.c \
	src/run/cgroup-sweep.c \
	src/run/cgroup-usage.c \
	src/run/cgroup.c \
	src/run/cgroup.h \
	src/run/cputime.c \
	src/run/cputime.h \
	src/run/denied.c \
	src/run/denied.h \
	src/run/events.c \
	src/run/grant-take.c \
	src/run/grant.c \
	src/run/grant.h \
	src/run/id-map.c \
	src/run/id-map.h \
	src/run/image.c \
	src/run/image.h \
	src/run/join-spaces.c \
	src/run/join-spaces.h \
	src/run/join-wait.c \
	src/run/join-wait.h \
	src/run/join.c \
	src/run/join.h \
	src/run/monitor.c \
	src/run/monitor.h \
	src/run/opened-call.c \
	src/run/opened-entry.h \
	src/run/opened-path.c \
	src/run/opened.c \
	src/run/opened.h \
	src/run/orphans.c \
	src/run/orphans.h \
	src/run/outcome.c \
	src/run/outcome.h \
	src/run/overlay.c \
	src/run/overlay.h \
	src/run/prepare.c \
	src/run/prepare.h \
	src/run/relay.c \
	src/run/relay.h \
	src/run/run.c \
	src/run/run.h \
	src/run/spawn.c \
	src/run/spawn.h \
	src/run/stdio.c \
	src/run/stolen.c \
	src/run/stolen.h \
	src/run/template.c \
	src/run/template.h \
	src/run/terminal.c \
	src/run/terminal.h

POLICY_FILES = \
	src/policy/argv-own.c \
	src/policy/argv-own.h \
	src/policy/argv.c \
	src/policy/argv.h \
	src/policy/check.c \
	src/policy/check.h \
	src/policy/expand.c \
	src/policy/expand.h \
	src/policy/ini.c \
	src/policy/ini.h \
	src/policy/policy.c \
	src/policy/policy.h \
	src/policy/profile-file.c \
	src/policy/profile-file.h \
	src/policy/profile-find.c \
	src/policy/profile.c \
	src/policy/profile.h \
	src/policy/settings.c \
	src/policy/settings.def \
	src/policy/suggest.c \
	src/policy/suggest.h \
	src/policy/value.c \
	src/policy/value.h

HOST_FILES = \
	src/host/caller.c \
	src/host/cgroup-path.c \
	src/host/cgroup-path.h \
	src/host/cgroup.c \
	src/host/counters.c \
	src/host/display.c \
	src/host/folders.c \
	src/host/host.c \
	src/host/host.h \
	src/host/isolated.c \
	src/host/isolated.h \
	src/host/kernel.c \
	src/host/kernels.c \
	src/host/memo.c \
	src/host/mountinfo.c \
	src/host/mountinfo.h \
	src/host/namespaces.c \
	src/host/parts.h \
	src/host/tree.c \
	src/host/tree.h

COMPILE_FILES = \
	src/compile/arguments.c \
	src/compile/bare.c \
	src/compile/box.c \
	src/compile/bpf.c \
	src/compile/bpf.h \
	src/compile/capabilities.c \
	src/compile/capabilities.h \
	src/compile/command.c \
	src/compile/compile.c \
	src/compile/compile.h \
	src/compile/context.c \
	src/compile/context.h \
	src/compile/count.c \
	src/compile/desktop.c \
	src/compile/devices.c \
	src/compile/devices.h \
	src/compile/environment.c \
	src/compile/etc.c \
	src/compile/files.c \
	src/compile/files.h \
	src/compile/filter-record.c \
	src/compile/filter-record.h \
	src/compile/filter-rules.c \
	src/compile/filter-rules.h \
	src/compile/filter-x86.c \
	src/compile/filter-x86.h \
	src/compile/filter.c \
	src/compile/filter.h \
	src/compile/grants.c \
	src/compile/identity.c \
	src/compile/image.c \
	src/compile/landlock.c \
	src/compile/landlock.h \
	src/compile/limits.c \
	src/compile/limits.h \
	src/compile/links.c \
	src/compile/mounts.c \
	src/compile/overlay.c \
	src/compile/pins.c \
	src/compile/process.c \
	src/compile/syscalls.c \
	src/compile/syscalls.def \
	src/compile/syscalls.h \
	src/compile/view.c \
	src/compile/view.h

PROBE_FILES = \
	src/probe/calls.c \
	src/probe/calls.def \
	src/probe/devices.c \
	src/probe/files.c \
	src/probe/kernel.c \
	src/probe/network.c \
	src/probe/probe.h \
	src/probe/processes.c \
	src/probe/sockets.c

ARCHIVE_FILES = \
	src/archive/archive.h \
	src/archive/folders.c \
	src/archive/folders.h \
	src/archive/headers.c \
	src/archive/headers.h \
	src/archive/input.h \
	src/archive/names.c \
	src/archive/names.h \
	src/archive/pack.c \
	src/archive/reader.h \
	src/archive/resolve.c \
	src/archive/resolve.h \
	src/archive/tree.c \
	src/archive/tree.h \
	src/archive/unpack.c \
	src/archive/writer.c \
	src/archive/writer.h

CTL_FILES = \
	src/ctl/box-files.c \
	src/ctl/box-show.c \
	src/ctl/box.c \
	src/ctl/box.h \
	src/ctl/complete.c \
	src/ctl/ctl.h \
	src/ctl/doctor-grading.c \
	src/ctl/doctor.c \
	src/ctl/doctor.h \
	src/ctl/flow.c \
	src/ctl/image-export.c \
	src/ctl/image-import.c \
	src/ctl/image-pack.c \
	src/ctl/image-show.c \
	src/ctl/image.c \
	src/ctl/image.h \
	src/ctl/keys.c \
	src/ctl/live-end.c \
	src/ctl/live-processes.c \
	src/ctl/live-top.c \
	src/ctl/live.c \
	src/ctl/live.h \
	src/ctl/pair.c \
	src/ctl/pair.h \
	src/ctl/profile.c \
	src/ctl/session-show.c \
	src/ctl/session.c \
	src/ctl/session.h \
	src/ctl/test-run.c \
	src/ctl/test-run.h \
	src/ctl/verify-bait.c \
	src/ctl/verify-items.c \
	src/ctl/verify-judge.c \
	src/ctl/verify-kernel.c \
	src/ctl/verify-paths.c \
	src/ctl/verify-print.c \
	src/ctl/verify-run.c \
	src/ctl/verify-sockets.c \
	src/ctl/verify-traces.c \
	src/ctl/verify.c \
	src/ctl/verify.h

BATCH_FILES = \
	src/batch/answers.c \
	src/batch/batch.c \
	src/batch/batch.h \
	src/batch/channel.c \
	src/batch/job.c \
	src/batch/lines.c \
	src/batch/slot.c

ISOLATE_FILES = \
	src/isolate/box.c \
	src/isolate/box.h \
	src/isolate/files.c \
	src/isolate/files.h \
	src/isolate/launch.c \
	src/isolate/launch.h \
	src/isolate/meta.c \
	src/isolate/meta.h \
	src/isolate/options.c \
	src/isolate/options.h \
	src/isolate/rules.c \
	src/isolate/rules.h \
	src/isolate/tree.c \
	src/isolate/tree.h \
	src/isolate/words.c \
	src/isolate/words.h

SHARED_FILES = \
	src/detach.c \
	src/joining.c \
	src/joining.h \
	src/message.c \
	src/message.h \
	src/planned.c \
	src/planned.h \
	src/report-box.c \
	src/report-box.h \
	src/report-limits.c \
	src/report-limits.h \
	src/report.c \
	src/report.h \
	src/teller.c \
	src/teller.h \
	src/use-image.c \
	src/use-image.h \
	src/variables.c \
	src/variables.h

UNIT_TESTS = \
	tests/unit/test-argv \
	tests/unit/test-box \
	tests/unit/test-caller \
	tests/unit/test-carry \
	tests/unit/test-cgroup-path \
	tests/unit/test-cgroup \
	tests/unit/test-changes \
	tests/unit/test-check \
	tests/unit/test-compile \
	tests/unit/test-display \
	tests/unit/test-doctor-grading \
	tests/unit/test-elf \
	tests/unit/test-filter-live \
	tests/unit/test-filter-record \
	tests/unit/test-filter-rules \
	tests/unit/test-filter \
	tests/unit/test-folders \
	tests/unit/test-gate-cgroup \
	tests/unit/test-identity \
	tests/unit/test-image-user \
	tests/unit/test-image \
	tests/unit/test-ini \
	tests/unit/test-isolate \
	tests/unit/test-isolated \
	tests/unit/test-job \
	tests/unit/test-json \
	tests/unit/test-judge \
	tests/unit/test-limits \
	tests/unit/test-loader \
	tests/unit/test-opened \
	tests/unit/test-outcome \
	tests/unit/test-overlay \
	tests/unit/test-pack-copy \
	tests/unit/test-pack \
	tests/unit/test-path \
	tests/unit/test-pattern \
	tests/unit/test-plan \
	tests/unit/test-policy \
	tests/unit/test-print \
	tests/unit/test-process \
	tests/unit/test-profile \
	tests/unit/test-report \
	tests/unit/test-session \
	tests/unit/test-settings \
	tests/unit/test-share \
	tests/unit/test-shipped \
	tests/unit/test-str \
	tests/unit/test-suggest \
	tests/unit/test-syscalls \
	tests/unit/test-test-run \
	tests/unit/test-tree \
	tests/unit/test-units \
	tests/unit/test-verify \
	tests/unit/test-view

TEST_LIBRARY = \
	tests/plan/fake-host.c \
	tests/plan/fake-host.h \
	tests/unit/elf-make.h \
	tests/unit/filter-run.h \
	tests/unit/own-folder.h \
	tests/unit/pack-tree.h \
	tests/unit/plan-of.h \
	tests/unit/variables-of-u.h \
	tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay-main.c

FUZZ_TARGETS = \
	tests/fuzz/fuzz-archive \
	tests/fuzz/fuzz-argv \
	tests/fuzz/fuzz-compile \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-elf \
	tests/fuzz/fuzz-ini \
	tests/fuzz/fuzz-job \
	tests/fuzz/fuzz-manifest \
	tests/fuzz/fuzz-pack \
	tests/fuzz/fuzz-plan \
	tests/fuzz/fuzz-ref \
	tests/fuzz/fuzz-resolve \
	tests/fuzz/fuzz-session \
	tests/fuzz/fuzz-units

FUZZ_TESTS = \
	tests/fuzz/replay.sh

PLAN_TOOLS = \
	tests/plan/golden-plan

ATTACK_HELPER = \
	tests/attack/around.c \
	tests/attack/attack.c \
	tests/attack/attack.h \
	tests/attack/fd.c \
	tests/attack/file.c \
	tests/attack/forbid.c \
	tests/attack/inject.c \
	tests/attack/kernel.c \
	tests/attack/mode.c \
	tests/attack/mount.c \
	tests/attack/network.c \
	tests/attack/privilege.c \
	tests/attack/process.c \
	tests/attack/pty.c \
	tests/attack/resource.c \
	tests/attack/ring.c \
	tests/attack/setup.c \
	tests/attack/slot.c \
	tests/attack/state.c \
	tests/attack/syscall.c \
	tests/attack/time.c

GRADING_HELPER = \
	tests/grading/ends.c \
	tests/grading/files.c \
	tests/grading/grading.h \
	tests/grading/kernel.c \
	tests/grading/main.c \
	tests/grading/memories.c \
	tests/grading/processes.c \
	tests/grading/state.c \
	tests/grading/talk.c \
	tests/grading/times.c

PLAN_TESTS = \
	tests/plan/golden.sh

RUN_TESTS = \
	tests/run/basic.sh \
	tests/run/batch.sh \
	tests/run/box.sh \
	tests/run/caller.sh \
	tests/run/counter.sh \
	tests/run/ctl.sh \
	tests/run/explain.sh \
	tests/run/gate.sh \
	tests/run/grading-examples.sh \
	tests/run/isolate.sh \
	tests/run/isolated.sh \
	tests/run/live.sh \
	tests/run/many.sh \
	tests/run/opened.sh \
	tests/run/pair.sh \
	tests/run/precision.sh \
	tests/run/python.sh \
	tests/run/session.sh \
	tests/run/template.sh \
	tests/run/terminal.sh \
	tests/run/verdict.sh \
	tests/run/verify.sh

GRADING_TESTS = \
	tests/grading/grading.sh \
	tests/grading/languages.sh

ATTACK_TESTS = \
	tests/attack/attack-B.sh \
	tests/attack/attack-C.sh \
	tests/attack/attack-D.sh \
	tests/attack/attack-E.sh \
	tests/attack/attack-F.sh \
	tests/attack/attack-G.sh \
	tests/attack/attack-H.sh \
	tests/attack/attack-I.sh \
	tests/attack/attack-K.sh \
	tests/attack/attack-L.sh \
	tests/attack/attack-M.sh \
	tests/attack/attack-N.sh \
	tests/attack/attack-P.sh \
	tests/attack/attack-R.sh \
	tests/attack/attack-S.sh \
	tests/attack/attack-T.sh \
	tests/attack/attack-U.sh

IMAGE_TESTS = \
	tests/image/archive.sh \
	tests/image/crash.sh \
	tests/image/pack-run.sh \
	tests/image/pack.sh \
	tests/image/run.sh \
	tests/image/store.sh

FAULT_TESTS = \
	tests/fault/box.sh \
	tests/fault/gate.sh \
	tests/fault/killed.sh \
	tests/fault/steps.sh

DESKTOP_TESTS = \
	tests/desktop/chromium.sh \
	tests/desktop/firefox.sh \
	tests/desktop/programs.sh

VM_TESTS = \
	tests/vm/guests.sh

LINT_TESTS = \
	tests/lint/attack-table.sh \
	tests/lint/cppcheck.sh \
	tests/lint/format.sh \
	tests/lint/function-length.sh \
	tests/lint/gate.sh \
	tests/lint/grading-table.sh \
	tests/lint/hardening.sh \
	tests/lint/headers.sh \
	tests/lint/init.sh \
	tests/lint/layers.sh \
	tests/lint/manual.sh \
	tests/lint/settings.sh \
	tests/lint/shellcheck.sh \
	tests/lint/sources.sh \
	tests/lint/spelling.sh \
	tests/lint/syscall-table.sh \
	tests/lint/third-party.sh \
	tests/lint/words.sh

PROFILES_FILES = \
	profiles/archive.ini \
	profiles/audio.ini \
	profiles/browser.ini \
	profiles/compile-c.ini \
	profiles/compile-cpp.ini \
	profiles/compile-csharp.ini \
	profiles/compile-go.ini \
	profiles/compile-haskell.ini \
	profiles/compile-java.ini \
	profiles/compile-node.ini \
	profiles/compile-pascal.ini \
	profiles/compile-pypy.ini \
	profiles/compile-python.ini \
	profiles/compile-rust.ini \
	profiles/compile.ini \
	profiles/default.ini \
	profiles/download.ini \
	profiles/editor.ini \
	profiles/fonts.ini \
	profiles/gpu.ini \
	profiles/grader-compile.ini \
	profiles/grader.ini \
	profiles/gui.ini \
	profiles/isolate.ini \
	profiles/java.ini \
	profiles/network-client.ini \
	profiles/node.ini \
	profiles/office.ini \
	profiles/player.ini \
	profiles/python.ini \
	profiles/run-c.ini \
	profiles/run-cpp.ini \
	profiles/run-csharp.ini \
	profiles/run-go.ini \
	profiles/run-haskell.ini \
	profiles/run-java.ini \
	profiles/run-node.ini \
	profiles/run-pascal.ini \
	profiles/run-pypy.ini \
	profiles/run-python.ini \
	profiles/run-rust.ini \
	profiles/tls.ini \
	profiles/viewer.ini

SHIPPED = \
	.ci/run \
	.clang-format \
	.editorconfig \
	CONTRIBUTING.md \
	LICENSE \
	NEWS \
	README.md \
	SECURITY.md \
	bootstrap \
	build-aux/packages-bench.txt \
	build-aux/packages-languages.txt \
	build-aux/packages.txt \
	build-aux/sources.sh \
	man/batch.schema.json \
	man/report.schema.json \
	man/sbx-batch.7 \
	man/sbx-grading.7 \
	man/sbx-image.7 \
	man/sbx-isolate.1 \
	man/sbx-profile.5.head \
	man/sbx-profile.5.tail \
	man/sbx-session.7 \
	man/sbx.1 \
	man/sbxctl.1 \
	man/verify.schema.json \
	profiles/apparmor/sbx.in \
	profiles/archive.ini \
	profiles/audio.ini \
	profiles/browser.ini \
	profiles/compile-c.ini \
	profiles/compile-cpp.ini \
	profiles/compile-csharp.ini \
	profiles/compile-go.ini \
	profiles/compile-haskell.ini \
	profiles/compile-java.ini \
	profiles/compile-node.ini \
	profiles/compile-pascal.ini \
	profiles/compile-pypy.ini \
	profiles/compile-python.ini \
	profiles/compile-rust.ini \
	profiles/compile.ini \
	profiles/default.ini \
	profiles/download.ini \
	profiles/editor.ini \
	profiles/fonts.ini \
	profiles/gpu.ini \
	profiles/grader-compile.ini \
	profiles/grader.ini \
	profiles/gui.ini \
	profiles/isolate.ini \
	profiles/java.ini \
	profiles/network-client.ini \
	profiles/node.ini \
	profiles/office.ini \
	profiles/player.ini \
	profiles/python.ini \
	profiles/run-c.ini \
	profiles/run-cpp.ini \
	profiles/run-csharp.ini \
	profiles/run-go.ini \
	profiles/run-haskell.ini \
	profiles/run-java.ini \
	profiles/run-node.ini \
	profiles/run-pascal.ini \
	profiles/run-pypy.ini \
	profiles/run-python.ini \
	profiles/run-rust.ini \
	profiles/tls.ini \
	profiles/viewer.ini \
	tests/attack/README.md \
	tests/attack/attack-B.sh \
	tests/attack/attack-C.sh \
	tests/attack/attack-D.sh \
	tests/attack/attack-E.sh \
	tests/attack/attack-F.sh \
	tests/attack/attack-G.sh \
	tests/attack/attack-H.sh \
	tests/attack/attack-I.sh \
	tests/attack/attack-K.sh \
	tests/attack/attack-L.sh \
	tests/attack/attack-M.sh \
	tests/attack/attack-N.sh \
	tests/attack/attack-P.sh \
	tests/attack/attack-R.sh \
	tests/attack/attack-S.sh \
	tests/attack/attack-T.sh \
	tests/attack/attack-U.sh \
	tests/attack/batch.py \
	tests/attack/common.sh \
	tests/attack/review.md \
	tests/attack/table.sh \
	tests/bench/README.md \
	tests/bench/batch.sh \
	tests/bench/bench.sh \
	tests/bench/bundle.py \
	tests/bench/image.sh \
	tests/bench/isolation.sh \
	tests/bench/precision.sh \
	tests/bench/view.py \
	tests/coverage.py \
	tests/coverage.sh \
	tests/demo.sh \
	tests/desktop/browser-common.sh \
	tests/desktop/chromium.sh \
	tests/desktop/display-common.sh \
	tests/desktop/firefox.sh \
	tests/desktop/look.py \
	tests/desktop/page.html \
	tests/desktop/papers.py \
	tests/desktop/programs.sh \
	tests/desktop/serve.py \
	tests/fault/box.sh \
	tests/fault/every-call.sh \
	tests/fault/gate.sh \
	tests/fault/killed.sh \
	tests/fault/steps.sh \
	tests/fuzz/README.md \
	tests/fuzz/regressions/argv/image-of-a-profile \
	tests/fuzz/regressions/argv/name-of-a-dash-and-dots \
	tests/fuzz/regressions/compile/own-place-proc \
	tests/fuzz/regressions/compile/own-place-root \
	tests/fuzz/regressions/compile/own-place-root-shown \
	tests/fuzz/regressions/ini/name-of-a-dash-and-dots \
	tests/fuzz/regressions/plan/groups-of-three-bytes \
	tests/fuzz/regressions/plan/scratch-as-device \
	tests/fuzz/regressions/units/hours-and-a-part \
	tests/fuzz/replay.sh \
	tests/fuzz/run.sh \
	tests/fuzz/seeds/archive/binary-size \
	tests/fuzz/seeds/archive/deep \
	tests/fuzz/seeds/archive/dotdot \
	tests/fuzz/seeds/archive/end \
	tests/fuzz/seeds/archive/hardlinks \
	tests/fuzz/seeds/archive/links \
	tests/fuzz/seeds/archive/long-name \
	tests/fuzz/seeds/archive/names \
	tests/fuzz/seeds/archive/nul \
	tests/fuzz/seeds/archive/pax \
	tests/fuzz/seeds/archive/replace \
	tests/fuzz/seeds/archive/through \
	tests/fuzz/seeds/archive/tree \
	tests/fuzz/seeds/archive/ways-out \
	tests/fuzz/seeds/archive/whiteouts \
	tests/fuzz/seeds/argv/batch \
	tests/fuzz/seeds/argv/help \
	tests/fuzz/seeds/argv/image \
	tests/fuzz/seeds/argv/limits \
	tests/fuzz/seeds/argv/lists \
	tests/fuzz/seeds/argv/network \
	tests/fuzz/seeds/argv/own \
	tests/fuzz/seeds/argv/paths \
	tests/fuzz/seeds/argv/words \
	tests/fuzz/seeds/compile/browser \
	tests/fuzz/seeds/compile/gated \
	tests/fuzz/seeds/compile/home \
	tests/fuzz/seeds/compile/host \
	tests/fuzz/seeds/compile/limits \
	tests/fuzz/seeds/compile/nested \
	tests/fuzz/seeds/compile/root \
	tests/fuzz/seeds/config/config \
	tests/fuzz/seeds/config/diff-id \
	tests/fuzz/seeds/config/empty \
	tests/fuzz/seeds/config/list \
	tests/fuzz/seeds/config/no-config \
	tests/fuzz/seeds/config/nul \
	tests/fuzz/seeds/config/numbers \
	tests/fuzz/seeds/config/odd-kinds \
	tests/fuzz/seeds/config/text \
	tests/fuzz/seeds/config/unicode \
	tests/fuzz/seeds/elf/library \
	tests/fuzz/seeds/elf/musl \
	tests/fuzz/seeds/elf/no-names \
	tests/fuzz/seeds/elf/program \
	tests/fuzz/seeds/elf/program-32 \
	tests/fuzz/seeds/elf/program-32-cut \
	tests/fuzz/seeds/elf/program-cut \
	tests/fuzz/seeds/elf/static \
	tests/fuzz/seeds/elf/static-32 \
	tests/fuzz/seeds/ini/byte-order-mark \
	tests/fuzz/seeds/ini/circle \
	tests/fuzz/seeds/ini/colon \
	tests/fuzz/seeds/ini/comment-behind \
	tests/fuzz/seeds/ini/continued \
	tests/fuzz/seeds/ini/errors \
	tests/fuzz/seeds/ini/includes \
	tests/fuzz/seeds/ini/later \
	tests/fuzz/seeds/ini/no-feed \
	tests/fuzz/seeds/ini/process \
	tests/fuzz/seeds/ini/return \
	tests/fuzz/seeds/job/base64 \
	tests/fuzz/seeds/job/deep \
	tests/fuzz/seeds/job/full \
	tests/fuzz/seeds/job/least \
	tests/fuzz/seeds/job/nan \
	tests/fuzz/seeds/job/nul \
	tests/fuzz/seeds/job/nul-input \
	tests/fuzz/seeds/job/numbers \
	tests/fuzz/seeds/job/options \
	tests/fuzz/seeds/job/surrogates \
	tests/fuzz/seeds/job/trailing \
	tests/fuzz/seeds/manifest/128 \
	tests/fuzz/seeds/manifest/129 \
	tests/fuzz/seeds/manifest/capitals \
	tests/fuzz/seeds/manifest/empty \
	tests/fuzz/seeds/manifest/index \
	tests/fuzz/seeds/manifest/index-and-layers \
	tests/fuzz/seeds/manifest/manifest \
	tests/fuzz/seeds/manifest/manifests-null \
	tests/fuzz/seeds/manifest/no-layers \
	tests/fuzz/seeds/manifest/nul \
	tests/fuzz/seeds/manifest/odd-kinds \
	tests/fuzz/seeds/manifest/size-float \
	tests/fuzz/seeds/manifest/size-huge \
	tests/fuzz/seeds/manifest/size-text \
	tests/fuzz/seeds/manifest/size-true \
	tests/fuzz/seeds/manifest/twice \
	tests/fuzz/seeds/pack/config \
	tests/fuzz/seeds/pack/empty \
	tests/fuzz/seeds/pack/include \
	tests/fuzz/seeds/pack/link \
	tests/fuzz/seeds/pack/self \
	tests/fuzz/seeds/pack/up \
	tests/fuzz/seeds/plan/bare \
	tests/fuzz/seeds/plan/bare-scope \
	tests/fuzz/seeds/plan/base-0 \
	tests/fuzz/seeds/plan/base-1 \
	tests/fuzz/seeds/plan/base-2 \
	tests/fuzz/seeds/plan/bind \
	tests/fuzz/seeds/plan/gated \
	tests/fuzz/seeds/plan/gated-capability \
	tests/fuzz/seeds/plan/operands \
	tests/fuzz/seeds/plan/out \
	tests/fuzz/seeds/plan/raw \
	tests/fuzz/seeds/plan/swap \
	tests/fuzz/seeds/plan/unused \
	tests/fuzz/seeds/ref/01 \
	tests/fuzz/seeds/ref/02 \
	tests/fuzz/seeds/ref/03 \
	tests/fuzz/seeds/ref/04 \
	tests/fuzz/seeds/ref/05 \
	tests/fuzz/seeds/ref/06 \
	tests/fuzz/seeds/ref/07 \
	tests/fuzz/seeds/ref/08 \
	tests/fuzz/seeds/ref/09 \
	tests/fuzz/seeds/ref/10 \
	tests/fuzz/seeds/ref/11 \
	tests/fuzz/seeds/ref/12 \
	tests/fuzz/seeds/ref/13 \
	tests/fuzz/seeds/ref/14 \
	tests/fuzz/seeds/ref/15 \
	tests/fuzz/seeds/ref/16 \
	tests/fuzz/seeds/resolve/circles \
	tests/fuzz/seeds/resolve/forty \
	tests/fuzz/seeds/resolve/links \
	tests/fuzz/seeds/resolve/long-name \
	tests/fuzz/seeds/resolve/long-path \
	tests/fuzz/seeds/resolve/view \
	tests/fuzz/seeds/session/all \
	tests/fuzz/seeds/session/links \
	tests/fuzz/seeds/session/pipes \
	tests/fuzz/seeds/units/-1 \
	tests/fuzz/seeds/units/0 \
	tests/fuzz/seeds/units/0-1_3 \
	tests/fuzz/seeds/units/0.000000001h \
	tests/fuzz/seeds/units/00012 \
	tests/fuzz/seeds/units/022 \
	tests/fuzz/seeds/units/0777 \
	tests/fuzz/seeds/units/0_2-5_8191 \
	tests/fuzz/seeds/units/0x10 \
	tests/fuzz/seeds/units/1.0000000001s \
	tests/fuzz/seeds/units/1.5s \
	tests/fuzz/seeds/units/1000 \
	tests/fuzz/seeds/units/1000000000 \
	tests/fuzz/seeds/units/1000000000.1 \
	tests/fuzz/seeds/units/100_ \
	tests/fuzz/seeds/units/150_ \
	tests/fuzz/seeds/units/18446744073709551615 \
	tests/fuzz/seeds/units/18446744073709551616 \
	tests/fuzz/seeds/units/1K \
	tests/fuzz/seeds/units/1e3 \
	tests/fuzz/seeds/units/250ms \
	tests/fuzz/seeds/units/277777h \
	tests/fuzz/seeds/units/4096 \
	tests/fuzz/seeds/units/4611686018427387904 \
	tests/fuzz/seeds/units/4T \
	tests/fuzz/seeds/units/5-2 \
	tests/fuzz/seeds/units/512M \
	tests/fuzz/seeds/units/_1 \
	tests/fuzz/seeds/units/no \
	tests/fuzz/seeds/units/yes \
	tests/grading/README.md \
	tests/grading/grading.py \
	tests/grading/grading.sh \
	tests/grading/judge.py \
	tests/grading/languages.sh \
	tests/grading/languages/Program.java \
	tests/grading/languages/program.cpp \
	tests/grading/languages/program.cs \
	tests/grading/languages/program.go \
	tests/grading/languages/program.hs \
	tests/grading/languages/program.js \
	tests/grading/languages/program.pas \
	tests/grading/languages/program.py \
	tests/grading/languages/program.rs \
	tests/grading/rows.py \
	tests/grading/seen \
	tests/grading/several.py \
	tests/grading/table.sh \
	tests/image/archive.sh \
	tests/image/crash.py \
	tests/image/crash.sh \
	tests/image/enemies.py \
	tests/image/hostile.py \
	tests/image/layout.py \
	tests/image/pack-run.sh \
	tests/image/pack.sh \
	tests/image/run.sh \
	tests/image/store.sh \
	tests/lib.sh \
	tests/lint/attack-table.sh \
	tests/lint/cppcheck.sh \
	tests/lint/format.sh \
	tests/lint/function-length.sh \
	tests/lint/gate.sh \
	tests/lint/grading-table.sh \
	tests/lint/hardening.sh \
	tests/lint/headers.sh \
	tests/lint/init.sh \
	tests/lint/layers.sh \
	tests/lint/manual.sh \
	tests/lint/settings.sh \
	tests/lint/shellcheck.sh \
	tests/lint/sources.sh \
	tests/lint/spelling.sh \
	tests/lint/syscall-table.sh \
	tests/lint/third-party.sh \
	tests/lint/words.sh \
	tests/plan/debian.tree \
	tests/plan/golden.sh \
	tests/plan/golden/archive.plan \
	tests/plan/golden/audio.plan \
	tests/plan/golden/browser.plan \
	tests/plan/golden/compile-c.plan \
	tests/plan/golden/compile-cpp.plan \
	tests/plan/golden/compile-csharp.plan \
	tests/plan/golden/compile-go.plan \
	tests/plan/golden/compile-haskell.plan \
	tests/plan/golden/compile-java.plan \
	tests/plan/golden/compile-node.plan \
	tests/plan/golden/compile-pascal.plan \
	tests/plan/golden/compile-pypy.plan \
	tests/plan/golden/compile-python.plan \
	tests/plan/golden/compile-root.plan \
	tests/plan/golden/compile-rust.plan \
	tests/plan/golden/compile.plan \
	tests/plan/golden/default-grants.plan \
	tests/plan/golden/default-image.plan \
	tests/plan/golden/default-overlay.plan \
	tests/plan/golden/default-root-image.plan \
	tests/plan/golden/default-root-overlay.plan \
	tests/plan/golden/default.plan \
	tests/plan/golden/download.plan \
	tests/plan/golden/editor.plan \
	tests/plan/golden/fonts.plan \
	tests/plan/golden/gpu.plan \
	tests/plan/golden/grader-box.plan \
	tests/plan/golden/grader-compile.plan \
	tests/plan/golden/grader-isolated.plan \
	tests/plan/golden/grader-root-box.plan \
	tests/plan/golden/grader-root-isolated.plan \
	tests/plan/golden/grader-root.plan \
	tests/plan/golden/grader.plan \
	tests/plan/golden/gui.plan \
	tests/plan/golden/isolate.plan \
	tests/plan/golden/java.plan \
	tests/plan/golden/network-client.plan \
	tests/plan/golden/node.plan \
	tests/plan/golden/office.plan \
	tests/plan/golden/player.plan \
	tests/plan/golden/python.plan \
	tests/plan/golden/run-c.plan \
	tests/plan/golden/run-cpp.plan \
	tests/plan/golden/run-csharp.plan \
	tests/plan/golden/run-go.plan \
	tests/plan/golden/run-haskell.plan \
	tests/plan/golden/run-java.plan \
	tests/plan/golden/run-node.plan \
	tests/plan/golden/run-pascal.plan \
	tests/plan/golden/run-pypy.plan \
	tests/plan/golden/run-python.plan \
	tests/plan/golden/run-rust.plan \
	tests/plan/golden/tls.plan \
	tests/plan/golden/viewer.plan \
	tests/run-as \
	tests/run/basic.sh \
	tests/run/batch.py \
	tests/run/batch.sh \
	tests/run/box.sh \
	tests/run/caller.sh \
	tests/run/counter.sh \
	tests/run/ctl.sh \
	tests/run/explain.py \
	tests/run/explain.sh \
	tests/run/gate.sh \
	tests/run/grading-examples.sh \
	tests/run/isolate.sh \
	tests/run/isolated.sh \
	tests/run/live.sh \
	tests/run/many.sh \
	tests/run/opened.sh \
	tests/run/pair.sh \
	tests/run/precision.sh \
	tests/run/python.py \
	tests/run/python.sh \
	tests/run/session.sh \
	tests/run/template.sh \
	tests/run/terminal.py \
	tests/run/terminal.sh \
	tests/run/verdict.sh \
	tests/run/verify.sh \
	tests/unit/elf-make.h \
	tests/unit/filter-run.h \
	tests/unit/own-folder.h \
	tests/unit/pack-tree.h \
	tests/unit/plan-of.h \
	tests/unit/variables-of-u.h \
	tests/vm/README.md \
	tests/vm/apparmor.sh \
	tests/vm/check.sh \
	tests/vm/gate-cgroup.sh \
	tests/vm/guests.sh \
	tests/vm/refused.sh \
	tests/vm/vm-build.sh \
	tests/vm/vm-guest.sh \
	tests/vm/vm-init.sh \
	tests/vm/vm-run.sh \
	tests/vm/vm-tests.sh
