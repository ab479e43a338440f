"""Makes the photos that are measured with, from those of the lesson: each cut to 4:3, enlarged, saved with quality 90.

    photos.py FOLDER COUNT WIDTH HEIGHT
"""

import sys
from pathlib import Path

from PIL import Image, ImageOps

SAMPLES = Path(__file__).resolve().parents[3] / "crates/imgproc/photos"

if __name__ == "__main__":
    folder, count, width, height = Path(sys.argv[1]), *map(int, sys.argv[2:])
    folder.mkdir(parents=True, exist_ok=True)
    samples = sorted(SAMPLES.glob("*.jpg"))
    for number in range(count):
        photo = Image.open(samples[number % len(samples)]).convert("RGB")
        # Another part of it each time it comes round.
        centre = (0.3 + 0.04 * (number // len(samples)), 0.5)
        photo = ImageOps.fit(photo, (width, height), Image.Resampling.BICUBIC, centering=centre)
        photo.save(folder / f"{number:02}.jpg", quality=90)
