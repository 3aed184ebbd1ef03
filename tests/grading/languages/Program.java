// SPDX-License-Identifier: LGPL-2.1-or-later
import java.util.*;
import java.util.stream.*;

public class Program {
	public static void main(String[] args) throws Exception {
		Scanner in = new Scanner(System.in);
		String word = in.next();
		List<byte[]> much = new ArrayList<>();
		long sum = 0;

		while (word.equals("hog")) {
			much.add(new byte[1 << 20]);
			Arrays.fill(much.get(much.size() - 1), (byte) 1);
		}
		if (word.equals("tasks")) {
			long[] numbers = new long[8];
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				final int n = i;
				threads.add(new Thread(() -> numbers[n] = 2 * n));
			}
			for (Thread thread : threads)
				thread.start();
			for (Thread thread : threads)
				thread.join();
			sum = LongStream.of(numbers).sum();
		}
		while (in.hasNextLong())
			sum += in.nextLong();
		System.out.println(sum);
	}
}
