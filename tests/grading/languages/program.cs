// SPDX-License-Identifier: LGPL-2.1-or-later
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

class Program {
	static void Main() {
		var words = Console.In.ReadToEnd().Split(new char[0], StringSplitOptions.RemoveEmptyEntries);
		var much = new List<byte[]>();
		var numbers = words.Skip(1).Select(long.Parse).ToArray();

		while (words[0] == "hog")
			much.Add(Enumerable.Repeat((byte) 1, 1 << 20).ToArray());
		if (words[0] == "tasks") {
			numbers = new long[8];
			var threads = Enumerable.Range(0, 8).Select(i => new Thread(() => numbers[i] = 2 * i)).ToList();
			threads.ForEach(thread => thread.Start());
			threads.ForEach(thread => thread.Join());
		}
		Console.WriteLine(numbers.Sum());
	}
}
