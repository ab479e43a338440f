// Pings the URLs of a file, a goroutine for each: pings FILE
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		os.Exit(2)
	}
	file, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	urls := strings.Fields(string(file))
	client := http.Client{Timeout: 10 * time.Second}
	failures := make([]error, len(urls))
	var all sync.WaitGroup
	for number, url := range urls {
		all.Add(1)
		go func(number int, url string) {
			defer all.Done()
			failures[number] = ping(&client, url)
		}(number, url)
	}
	all.Wait()
	answered := 0
	for _, err := range failures {
		if err == nil {
			answered++
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	fmt.Println(answered, "answered")
}

func ping(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
