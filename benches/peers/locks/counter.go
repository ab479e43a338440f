// A counter that goroutines share: counter STRATEGY GOROUTINES UPDATES
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

func main() {
	strategy := os.Args[1]
	workers, _ := strconv.Atoi(os.Args[2])
	updates, _ := strconv.Atoi(os.Args[3])
	var all sync.WaitGroup
	start := func(work func(number int)) {
		for number := 0; number < workers; number++ {
			all.Add(1)
			go func(number int) {
				defer all.Done()
				work(number)
			}(number)
		}
		all.Wait()
	}
	var result int64
	switch strategy {
	case "mutex":
		var mutex sync.Mutex
		start(func(int) {
			for i := 0; i < updates; i++ {
				mutex.Lock()
				result++
				mutex.Unlock()
			}
		})
	case "atomic":
		start(func(int) {
			for i := 0; i < updates; i++ {
				atomic.AddInt64(&result, 1)
			}
		})
	case "local":
		counts := make([]int64, workers)
		start(func(number int) {
			mine := int64(0)
			for i := 0; i < updates; i++ {
				mine++
			}
			counts[number] = mine
		})
		for _, count := range counts {
			result += count
		}
	default:
		os.Exit(2)
	}
	fmt.Println(result)
}
