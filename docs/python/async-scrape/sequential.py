"""One page after the other."""

import pages
from download import download

for url in pages.start():
    download(url)
