"""One thread counts all the way."""

from work import SIZE, count_down, timed

timed(lambda: count_down(SIZE))
