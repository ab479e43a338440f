"""libvips, which brings its own threads: it streams each photo through its filter, in strips.

    vips.py FILTER INPUT OUTPUT WORKERS
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyvips

SIGMA = 5


def upright(source: Path) -> pyvips.Image:
    return pyvips.Image.new_from_file(str(source), access="sequential").autorot()


def one(what: str, source: Path, target: Path) -> None:
    match what:
        case "quarter":
            width = pyvips.Image.new_from_file(str(source)).width
            result = pyvips.Image.thumbnail(str(source), width // 4)
        case "grey":
            result = upright(source).colourspace("b-w")
        case "blur":
            result = upright(source).gaussblur(SIGMA)
        case "edges":
            result = upright(source).colourspace("b-w").sobel()
    result.jpegsave(str(target), Q=90)


if __name__ == "__main__":
    _, what, folder, output, workers = sys.argv
    photos = sorted(Path(folder).iterdir())
    with ThreadPoolExecutor(int(workers)) as pool:
        for done in [pool.submit(one, what, photo, Path(output) / photo.name) for photo in photos]:
            done.result()
    print(len(photos), "done")
