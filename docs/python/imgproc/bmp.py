"""One photo: what all strategies of the lesson share. The standard library can't read a JPEG (the
course takes Pillow), but a BMP is a head and then rows of pixels, blue first, padded to 4 bytes.

A strategy takes two arguments, and both may be left out: the folder with the photos (output/bmp),
and the one for the results (output/python-photos).
"""

import struct
import sys
from pathlib import Path

INPUT = Path(sys.argv[1] if len(sys.argv) > 1 else "output/bmp")
OUTPUT = Path(sys.argv[2] if len(sys.argv) > 2 else "output/python-photos")


def photos():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    return sorted(INPUT.glob("*.bmp"))


def read(path):
    """Returns the head, and the rows with their padding."""
    data = path.read_bytes()
    begin = struct.unpack_from("<I", data, 10)[0]
    width, height = struct.unpack_from("<ii", data, 18)
    bits = struct.unpack_from("<H", data, 28)[0]
    if bits != 24:
        raise ValueError(f"{path}: {bits} bits a pixel, not 24")
    length = (3 * width + 3) // 4 * 4
    rows = [data[at : at + length] for at in range(begin, begin + length * abs(height), length)]
    return data[:begin], width, rows


def grey_row(row, width):
    """0.299 R + 0.587 G + 0.114 B for each pixel, in whole numbers as in the Rust version."""
    out = bytearray(row)
    for at in range(0, 3 * width, 3):
        blue, green, red = row[at : at + 3]
        grey = (19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16
        out[at : at + 3] = bytes((grey, grey, grey))
    return bytes(out)


def write(name, head, rows):
    (OUTPUT / name).write_bytes(head + b"".join(rows))
    print(f"{name} done\n", end="", flush=True)


def process(path):
    head, width, rows = read(path)
    write(path.name, head, [grey_row(row, width) for row in rows])
