"""One count after the other."""

from count import COUNTS, down

for name, start, delay in COUNTS:
    down(name, start, delay)
