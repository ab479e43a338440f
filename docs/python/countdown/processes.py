"""A process for each count."""

from multiprocessing import Process

from count import COUNTS, down

# With `spawn` each child imports this file again. Without this line it would start children, too.
if __name__ == "__main__":
    processes = [
        Process(target=down, args=(f"Process {name}", start, delay))
        for name, start, delay in COUNTS
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
