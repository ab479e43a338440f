"""Several photos at once, in a fixed pool of worker processes."""

from multiprocessing import Pool

from bmp import photos, process

if __name__ == "__main__":
    with Pool(processes=2) as pool:
        # One photo at a time to each process: some photos are larger than others.
        pool.map(process, photos(), chunksize=1)
