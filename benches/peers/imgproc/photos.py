"""Makes the photos that are measured with, from those of the lesson. All are saved with quality 90, and the same each time.

    photos.py KIND FOLDER COUNT WIDTH HEIGHT

KIND is smooth: a sample is cut to 4:3 and enlarged. Or camera: the sample's own pixels, mirrored until the picture is full, so that there
is as much detail in a pixel as in the sample, seen through a sensor. Each pixel of the sensor has one colour (a Bayer pattern), noise of
the light (Poisson's, here its normal approximation) and of reading, and the two other colours are interpolated, as a camera does. So the
noise is stronger in dark parts, and neighbours share it. Or progressive: camera, saved in several scans.
"""

import sys
from pathlib import Path

from PIL import Image, ImageOps

SAMPLES = Path(__file__).resolve().parents[3] / "crates/imgproc/photos"

# Electrons of a pixel that is white, and the noise of reading in electrons: a telephone's sensor in daylight.
FULL, READ = 4000, 4


def smooth(sample: Path, turn: int, width: int, height: int) -> Image.Image:
    # Another part of it each time it comes round.
    centre = (0.3 + 0.04 * turn, 0.5)
    return ImageOps.fit(Image.open(sample).convert("RGB"), (width, height), Image.Resampling.BICUBIC, centering=centre)


def camera(sample: Path, turn: int, width: int, height: int, seed: int) -> Image.Image:
    import cv2
    import numpy as np

    pixels = np.asarray(Image.open(sample).convert("RGB"))
    # Another part of it at the top left each time.
    pixels = np.roll(pixels, (37 * turn, 101 * turn), (0, 1))
    pixels = np.pad(pixels, ((0, height - len(pixels)), (0, width - len(pixels[0])), (0, 0)), "symmetric")
    # To linear light (IEC 61966-2-1), and back below.
    values = np.arange(256) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)[pixels]
    mosaic = light[..., 1].copy()
    mosaic[::2, ::2] = light[::2, ::2, 0]
    mosaic[1::2, 1::2] = light[1::2, 1::2, 2]
    electrons = mosaic * FULL
    random = np.random.default_rng(seed).standard_normal(mosaic.shape, dtype=np.float32)
    electrons += random * np.sqrt(electrons + READ**2)
    # 16 bits, with room for noise below black.
    raw = np.clip(electrons / FULL * 60_000 + 2_000, 0, 65_535).astype(np.uint16)
    light = (cv2.demosaicing(raw, cv2.COLOR_BayerBG2RGB).astype(np.float32) - 2_000) / 60_000
    light = np.clip(light, 0, 1)
    result = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return Image.fromarray((result * 255 + 0.5).astype(np.uint8))


if __name__ == "__main__":
    kind, folder, count, width, height = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
    folder.mkdir(parents=True, exist_ok=True)
    samples = sorted(SAMPLES.glob("*.jpg"))
    for number in range(count):
        sample, turn = samples[number % len(samples)], number // len(samples)
        if kind == "smooth":
            photo = smooth(sample, turn, width, height)
        else:
            photo = camera(sample, turn, width, height, number)
        photo.save(folder / f"{number:02}.jpg", quality=90, progressive=kind == "progressive")
