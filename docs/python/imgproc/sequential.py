"""One photo after the other."""

from bmp import photos, process

for photo in photos():
    process(photo)
