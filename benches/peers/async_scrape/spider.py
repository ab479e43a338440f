"""A Scrapy spider; it is run by `scrapy runspider` with its settings in this file.

    scrapy runspider spider.py -a url=URL -a folder=FOLDER -s CONCURRENT_REQUESTS=64 ...
"""

from pathlib import Path
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.http import TextResponse
from scrapy.linkextractors import LinkExtractor


class Site(Spider):
    name = "site"
    custom_settings = {
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
    }

    def __init__(self, url, folder, **rest):
        super().__init__(**rest)
        self.start_urls = [url]
        self.folder = Path(folder)
        self.links = LinkExtractor(
            allow_domains=[urlsplit(url).netloc],
            tags=("a", "link", "img", "script"),
            attrs=("href", "src"),
            deny_extensions=[],
        )

    def parse(self, response):
        path = urlsplit(response.url).path
        place = self.folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(response.body)
        if isinstance(response, TextResponse) and b"html" in response.headers.get("Content-Type", b""):
            for link in self.links.extract_links(response):
                yield response.follow(link, self.parse)
