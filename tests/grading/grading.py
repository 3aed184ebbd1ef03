# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the test corpus, in TAP: `grading.py [ROW...]`; or prints its table: `grading.py --table [SEEN]`. See README.md."""
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import judge
import rows
import several

TRIES = 3  # other work of the machine makes things late: then it is tried again, which the result tells


class Out:
    """TAP, from several threads."""

    def __init__(self):
        self.lock, self.count, self.failed, self.again = threading.Lock(), 0, 0, 0
        self.seen = []

    def result(self, good, name, wrong=(), skip=None):
        with self.lock:
            self.count += 1
            self.failed += not good
            name = name.replace('#', '.').replace('\n', ' ')
            print(f'{"ok" if good else "not ok"} {self.count} - {name}' + (f' # SKIP {skip}' if skip else ''))
            for text in wrong:
                for line in str(text).splitlines():
                    print('# ' + line[:1000])
            sys.stdout.flush()

    def saw(self, row, mode, text):
        with self.lock:
            self.seen.append((row, mode.letter, text))


def attempt_case(case, slot):
    mode = slot.mode
    if case.needs and not mode.groups:
        return several.refused(slot, case.needs), 'refused'
    expected = case.without if case.without and not mode.groups else case.expected
    result = judge.run(slot, case.words, options=case.options, **case.how)
    wrong = judge.judged(result, expected) + judge.fields(result, case.report)
    if case.out and case.out not in result.out:
        wrong.append(f'{case.out!r} is not in its output')
    if case.check:
        wrong += case.check(slot, result)
    wrong += judge.in_time(result, case.how.get('cpu') if 'cpu-time-hard' not in str(case.options) else 10, case.how.get('wall'), case.late)
    if result.field('verdict') in (None, 'internal'):
        wrong.append('an internal error')
    wrong = [f'{text}: {result}' for text in wrong] + judge.left(slot, result)
    verdict, number = result.field('verdict'), result.field('signal') if result.field('verdict') == 'signal' else result.field('exit_code')
    return wrong, f'{verdict} {number}' if verdict in ('signal', 'exit', 'processes', 'disk') else str(verdict)


def attempt_several(test, slot):
    wrong = test.function(slot)
    if isinstance(wrong, str):
        return wrong, ''
    return wrong + judge.left(slot, None), 'as expected' if not wrong else 'not as expected'


def one(out, canary, mode, test, number):
    attempt = attempt_case if isinstance(test, rows.Case) else attempt_several
    name = f'row {test.row} as {mode.name}: {test.name}'
    for turn in range(TRIES):
        slot = judge.Slot(mode, f'{test.row}.{number}.{turn}')
        try:
            wrong, seen = attempt(test, slot)
        except Exception as error:  # pylint: disable=broad-except
            wrong, seen = [repr(error)], 'broken'
        if isinstance(wrong, str):
            out.result(True, name, skip=wrong)
            return
        wrong = wrong + judge.clean(slot) + canary.wrong()
        if not wrong or not all('late: ' in text for text in wrong):
            break
        out.again += 1
    out.saw(test.row, mode, seen)
    out.result(not wrong, f'{name}: {seen}' + (f' (try {turn + 1})' if turn else ''), wrong)


def as_mode(out, letter, wanted):
    mode = judge.Mode(letter)
    canary = judge.Canary(mode)
    tests = [t for t in rows.CASES + several.SEVERAL if letter in t.on and (not wanted or t.row in wanted)]
    tests.sort(key=lambda t: t.row)
    began = time.monotonic()
    together = [t for t in tests if not t.alone]
    with ThreadPoolExecutor(int(os.environ.get('GRADING_JOBS', '2'))) as pool:
        list(pool.map(lambda t: one(out, canary, mode, t, tests.index(t)), together))
    for test in tests:
        if test not in together:
            one(out, canary, mode, test, tests.index(test))
    canary.process.stdin.close()
    canary.process.stdin = None
    wrong, result = canary.end()
    out.result(not wrong, f'{mode.name}: a canary beside all of them: {result.out.strip()}', wrong + ([str(result)] if wrong else []))
    print(f'# {mode.name}: {len(tests)} cases in {time.monotonic() - began:.1f} s')


def table(seen_file):
    seen = {}
    if seen_file:
        with open(seen_file, encoding='utf-8') as f:
            for line in f:
                row, letter, text = line.rstrip('\n').split('\t')
                seen.setdefault(int(row), {}).setdefault(text, set()).add(letter)
    print('| row | program | expected | as | seen |')
    print('|---|---|---|---|---|')
    for number, (program, expected) in sorted(rows.ROWS.items()):
        tests = [t for t in rows.CASES + several.SEVERAL if t.row == number]
        letters = ''.join(c for c in rows.ALL if any(c in t.on for t in tests))
        text = '; '.join(f'{what} ({"".join(c for c in rows.ALL if c in who)})' for what, who in sorted(seen.get(number, {}).items()))
        print(f'| {number} | {program} | {expected} | {" ".join(letters)} | {text.replace("|", " or ")} |')


def main():
    if sys.argv[1:2] == ['--table']:
        table(sys.argv[2] if len(sys.argv) > 2 else None)
        return 0
    out = Out()
    judge.METRONOME.start()
    judge.Start.measure()
    wanted = [int(word) for word in sys.argv[1:]]
    out.result(sorted(rows.ROWS) == list(range(1, 81)), f'the corpus has its 80 rows, with {len(rows.CASES) + len(several.SEVERAL)} cases')
    for letter in os.environ['GRADING_MODES']:
        as_mode(out, letter, wanted)
    if os.environ.get('GRADING_SEEN'):
        with open(os.environ['GRADING_SEEN'], 'w', encoding='utf-8') as f:
            f.writelines(f'{row}\t{letter}\t{text}\n' for row, letter, text in sorted(set(out.seen)))
    print(f'# {out.again} tries came late and were made again')
    print(f'1..{out.count}')
    return out.failed > 0


if __name__ == '__main__':
    sys.exit(main())
