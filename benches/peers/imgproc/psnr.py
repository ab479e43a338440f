"""How near the photos of two folders are: the least PSNR of the first five, in dB. With a third folder, the second is Gaussian blurs of its
photos with sigma 5, computed here in floating point.

    psnr.py OURS THEIRS
    psnr.py OURS --blur INPUT
"""

import sys
from pathlib import Path

import cv2
import numpy as np


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)


if __name__ == "__main__":
    ours, theirs = Path(sys.argv[1]), sys.argv[2]
    least = float("inf")
    for path in sorted(ours.iterdir())[:5]:
        mine = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if theirs == "--blur":
            exact = cv2.imread(str(Path(sys.argv[3]) / path.with_suffix(".jpg").name))
            other = cv2.GaussianBlur(exact.astype(np.float32), (61, 61), 5, borderType=cv2.BORDER_REPLICATE)
        else:
            other = cv2.imread(str(Path(theirs) / path.name), cv2.IMREAD_UNCHANGED)
        if mine.shape != other.shape:
            sys.exit(f"{path.name}: {mine.shape} and {other.shape}")
        least = min(least, psnr(mine, other))
    print(f"{least:.1f}")
