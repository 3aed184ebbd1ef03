# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import threading


def double(numbers, i):
    numbers[i] = 2 * i


word, *rest = sys.stdin.read().split()
numbers = [int(text) for text in rest]
much = []
while word == 'hog':
    much.append(bytearray(b'x' * (1 << 20)))
if word == 'tasks':
    numbers = [0] * 8
    threads = [threading.Thread(target=double, args=(numbers, i)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(sum(numbers))
