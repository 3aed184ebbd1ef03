// SPDX-License-Identifier: LGPL-2.1-or-later
package main

import (
	"fmt"
	"sync"
)

func main() {
	var word string
	var number, sum int
	var much [][]byte

	fmt.Scan(&word)
	for word == "hog" {
		block := make([]byte, 1<<20)
		for i := range block {
			block[i] = 1
		}
		much = append(much, block)
	}
	if word == "tasks" {
		var all sync.WaitGroup
		numbers := make([]int, 8)
		for i := range numbers {
			all.Add(1)
			go func(i int) {
				numbers[i] = 2 * i
				all.Done()
			}(i)
		}
		all.Wait()
		for _, n := range numbers {
			sum += n
		}
	}
	for {
		if _, err := fmt.Scan(&number); err != nil {
			break
		}
		sum += number
	}
	_ = much
	fmt.Println(sum)
}
