// Five philosophers, a goroutine each, who take their forks in one order, without pauses: dinner MEALS
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

const seats = 5

func main() {
	if len(os.Args) != 2 {
		os.Exit(2)
	}
	meals, err := strconv.Atoi(os.Args[1])
	if err != nil {
		os.Exit(2)
	}
	var forks [seats]sync.Mutex
	var eaten [seats]int
	var all sync.WaitGroup
	for seat := 0; seat < seats; seat++ {
		all.Add(1)
		go func(seat int) {
			defer all.Done()
			first, second := seat, (seat+1)%seats
			if second < first {
				first, second = second, first
			}
			for meal := 0; meal < meals; meal++ {
				forks[first].Lock()
				forks[second].Lock()
				eaten[seat]++
				forks[second].Unlock()
				forks[first].Unlock()
			}
		}(seat)
	}
	all.Wait()
	sum := 0
	for _, each := range eaten {
		sum += each
	}
	fmt.Println(sum)
}
