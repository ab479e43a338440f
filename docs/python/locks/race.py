"""Nothing holds a reading and its writing together: updates get lost. The interpreter's lock does
not help, because it is released during the pause (and may be released anywhere in between)."""

from counter import pause, run, tell

value = 0


def update():
    global value
    read = value
    pause()
    value = read + 1


run(update)
tell(value)
