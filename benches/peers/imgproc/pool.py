"""A pool of two processes (or --workers) over a folder's photos, JPEG to JPEG, quality 90: the way of the course.

    pool.py LIBRARY FILTER INPUT OUTPUT WORKERS

LIBRARY is numpy, pillow or opencv. FILTER is grey, blur (sigma 5), quarter or edges; or one of Pillow's quicker ways, draft (for grey)
and thumbnail (for quarter). Each library in its own words, as its documentation has them.
"""

import sys
from multiprocessing import Pool
from pathlib import Path

SIGMA = 5


def numpy_one(task: tuple[str, Path, Path]) -> None:
    import numpy as np
    from PIL import Image, ImageOps

    what, source, target = task
    pixels = np.asarray(ImageOps.exif_transpose(Image.open(source)))
    # The course's line.
    grey = np.dot(pixels[..., :3], [0.299, 0.587, 0.114])
    if what == "edges":
        padded = np.pad(grey, 1, mode="edge")
        dx = padded[:, 2:] - padded[:, :-2]
        dx = dx[:-2] + 2 * dx[1:-1] + dx[2:]
        dy = padded[2:] - padded[:-2]
        dy = dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
        grey = np.minimum(np.hypot(dx, dy), 255)
    Image.fromarray(grey.astype(np.uint8)).save(target, quality=90)


def pillow_one(task: tuple[str, Path, Path]) -> None:
    from PIL import Image, ImageFilter, ImageOps

    what, source, target = task
    with Image.open(source) as photo:
        match what:
            case "grey":
                result = photo.convert("L")
            case "draft":
                # It tells the decoder, which then leaves out the colours: few know of it.
                photo.draft("L", photo.size)
                result = photo.convert("L")
            case "blur":
                result = photo.filter(ImageFilter.GaussianBlur(SIGMA))
            case "quarter":
                result = photo.resize((photo.width // 4, photo.height // 4), Image.Resampling.LANCZOS)
            case "thumbnail":
                # It lets the decoder shrink first (by 2, here), which is quicker and a little less exact.
                photo.thumbnail((photo.width // 4, photo.height // 4), Image.Resampling.LANCZOS)
                result = photo
        # It turns the photo as its EXIF says, which OpenCV does when it reads one.
        ImageOps.exif_transpose(result, in_place=True)
        result.save(target, quality=90)


def opencv_one(task: tuple[str, Path, Path]) -> None:
    import cv2

    # The pool has a process for each core already.
    cv2.setNumThreads(1)
    what, source, target = task
    match what:
        case "grey":
            result = cv2.imread(source, cv2.IMREAD_GRAYSCALE)
        case "blur":
            result = cv2.GaussianBlur(cv2.imread(source), (0, 0), SIGMA)
        case "quarter":
            photo = cv2.imread(source)
            size = (photo.shape[1] // 4, photo.shape[0] // 4)
            result = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        case "edges":
            grey = cv2.imread(source, cv2.IMREAD_GRAYSCALE)
            dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REPLICATE)
            dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REPLICATE)
            result = cv2.convertScaleAbs(cv2.magnitude(dx, dy))
    cv2.imwrite(target, result, [cv2.IMWRITE_JPEG_QUALITY, 90])


if __name__ == "__main__":
    _, library, what, folder, output, workers = sys.argv
    photos = sorted(Path(folder).iterdir())
    tasks = [(what, str(photo), str(Path(output) / photo.name)) for photo in photos]
    one = {"numpy": numpy_one, "pillow": pillow_one, "opencv": opencv_one}[library]
    if len(tasks) == 1:
        one(tasks[0])
    else:
        with Pool(int(workers)) as pool:
            pool.map(one, tasks, chunksize=1)
    print(len(tasks), "done")
