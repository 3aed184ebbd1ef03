// SPDX-License-Identifier: LGPL-2.1-or-later
#include <iostream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

int main()
{
	std::string word;
	std::vector<long> numbers;
	std::vector<std::vector<char>> much;

	std::cin >> word;
	while (word == "hog")
		much.emplace_back(1 << 20, 'x');
	if (word == "tasks") {
		std::vector<std::thread> threads;
		numbers.resize(8);
		for (long i = 0; i < 8; i++)
			threads.emplace_back([&numbers, i] { numbers[i] = 2 * i; });
		for (auto &thread : threads)
			thread.join();
	}
	for (long number; std::cin >> number;)
		numbers.push_back(number);
	std::cout << std::accumulate(numbers.begin(), numbers.end(), 0L) << std::endl;
}
