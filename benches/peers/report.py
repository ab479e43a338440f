"""The tables and the chart, from what was measured."""

import math
from statistics import median
from xml.sax.saxutils import escape

# (job, peer, what, at least so many times ours)
TARGETS = [
    ("pages-20ms", "aiohttp", "wall", 1 / 0.4),
    ("pages-20ms", "aiohttp-tuned", "wall", 1 / 0.4),
    ("pages-20ms", "wget2", "wall", 1 / 0.8),
    ("pages-0ms", "aiohttp", "cpu", 1 / 0.1),
    ("pages-0ms", "aiohttp-tuned", "cpu", 1 / 0.1),
    ("pages-0ms", "wget2", "cpu", 1 / 0.4),
    ("pages-0ms", "wget2", "memory", 1 / 0.85),
    ("python-doc", "aiohttp", "wall", 1 / 0.06),
    ("python-doc", "aiohttp-tuned", "wall", 1 / 0.06),
    ("python-doc", "wget2", "wall", 1 / 0.75),
    ("primes", "c-openmp", "wall", 1.0),
    ("locks-mutex", "c++", "wall", 1.0),
    ("locks-mutex", "go", "wall", 1.0),
    ("locks-atomic", "c++", "wall", 1.0),
    ("locks-atomic", "go", "wall", 1.0),
    ("locks-local", "c++", "wall", 1.0),
    ("locks-local", "go", "wall", 1.0),
    ("imgproc-grey", "numpy", "wall", 4.0),
    ("imgproc-grey", "pillow", "wall", 1.0),
    ("imgproc-grey", "pillow-draft", "wall", 1.3),
    ("imgproc-grey", "opencv", "wall", 1.5),
    ("imgproc-grey-progressive", "libjpeg-turbo", "wall", 1.0),
    ("imgproc-blur", "pillow", "wall", 3.2),
    ("imgproc-blur", "opencv", "wall", 1.1),
    ("imgproc-blur", "libvips", "wall", 2.5),
    ("imgproc-quarter", "pillow", "wall", 3.0),
    ("imgproc-quarter", "pillow-thumbnail", "wall", 2.0),
    ("imgproc-quarter", "vipsthumbnail", "wall", 2.0),
    ("imgproc-edges", "ours-sequential", "wall", 1.8),
    ("imgproc-edges", "libvips", "wall", 1.5),
    ("imgproc-edges", "numpy", "wall", 5.0),
]

WORDS = {"wall": "wall", "cpu": "CPU", "memory": "memory"}


def number(value: float) -> str:
    """Three digits that matter."""
    if not math.isfinite(value) or value == 0:
        # It was over before anybody could look.
        return "–"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def ratio(row: dict, ours: dict, what: str) -> float:
    """How many times ours it needs: the ratio of the medians."""
    if not row[what] or not ours[what] or median(ours[what]) == 0:
        return math.nan
    return median(row[what]) / median(ours[what])


def spread(values: list[float]) -> str:
    middle, low, high = (number(value) for value in (median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low}–{high})"


def tables(measured: dict) -> str:
    text = []
    for name, job in measured["jobs"].items():
        ours = job["rows"][0]
        title = job["title"][0].upper() + job["title"][1:]
        machine = job["machine"]
        where = f"{machine['cores']} cores of {machine['processor']}, Linux {machine['kernel']}"
        text += [f"### `{name}`", "", f"{title}. {job['date']}, {where}{', a quick look only' if job['quick'] else ''}.", ""]
        text += ["| who | runs | wall, s | CPU, s | memory, MiB | wall / ours | CPU / ours | memory / ours | result |"]
        text += ["|---|--:|--:|--:|--:|--:|--:|--:|---|"]
        for row in job["rows"]:
            who = row["name"] + (f" ({row['note']})" if row["note"] else "")
            if "missing" in row or not row["wall"]:
                text.append(f"| {who} | | | | | | | | not measured: {row.get('missing', '')} |")
                continue
            cells = [spread(row[what]) for what in WORDS]
            cells += [number(ratio(row, ours, what)) for what in WORDS]
            result = str(row["outcome"]) + ("" if row.get("agrees", True) else ", **not ours**")
            text.append(f"| {who} | {len(row['wall'])} | {' | '.join(cells)} | {result} |")
        text.append("")
    versions = ", ".join(f"{name} {version}" for name, version in measured["versions"].items())
    text += [f"Versions: {versions}.", ""]
    return "\n".join(text)


def targets(measured: dict) -> str:
    text = ["| job | peer | what | theirs / ours, at least | measured | |", "|---|---|---|--:|--:|---|"]
    for name, peer, what, least in TARGETS:
        rows = measured["jobs"].get(name, {"rows": []})["rows"]
        row = next((row for row in rows if row["name"] == peer), None)
        cells = "", "not measured"
        if row and row["wall"] and "missing" not in row:
            times = ratio(row, rows[0], what)
            # Of two that are as fast as each other, the medians only say who was lucky.
            even = least == 1 and min(row[what]) <= max(rows[0][what]) and max(row[what]) >= min(rows[0][what])
            cells = number(times), ("hit" if times >= least else "**missed**") + ("; the runs overlap" if even else "")
        text.append(f"| `{name}` | {peer} | {WORDS[what]} | {number(least)} | {' | '.join(cells)} |")
    return "\n".join([*text, ""])


STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.paper { fill: #ffffff; }
.job { font-weight: 600; }
.axis { fill: #59636e; font-size: 11px; }
.grid { stroke: #d1d9e0; }
.ours { stroke: #1f2328; stroke-width: 1.5; }
.slower { fill: #2f6fab; }
.faster { fill: #c4601d; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .paper { fill: #0d1117; }
  .axis { fill: #9198a1; }
  .grid { stroke: #30363d; }
  .ours { stroke: #e6edf3; }
  .slower { fill: #5b9bd9; }
  .faster { fill: #e58a4a; }
}
"""


def chart(measured: dict) -> str:
    """Wall time of each peer divided by ours, as bars from 1, on a logarithmic axis.

    Of our own, and not from `timing`: its plots are curves over a number of workers, and here are bars by name.
    """
    groups = []
    for name, job in measured["jobs"].items():
        ours = job["rows"][0]
        bars = [
            (row["name"], ratio(row, ours, "wall"), min(row["wall"]) / median(ours["wall"]), max(row["wall"]) / median(ours["wall"]))
            for row in job["rows"][1:]
            if row["wall"] and ours["wall"] and "missing" not in row
        ]
        if bars:
            groups.append((name, bars))
    every = [value for _, bars in groups for bar in bars for value in bar[1:]] or [1.0]
    low = min(0.5, min(every) * 0.9)
    high = max(every) * 1.6
    left, right, width, line = 150, 60, 820, 17

    def x(value: float) -> float:
        return left + (math.log(value) - math.log(low)) / (math.log(high) - math.log(low)) * (width - left - right)

    height = 52 + sum(line * len(bars) + 30 for _, bars in groups) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>Wall time of each peer, in times of ours</title>",
        f"<style>{STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text x="{left}" y="16">wall time, in times of ours (logarithmic; to the right of 1 ours is faster)</text>',
    ]
    for power in range(-3, 4):
        for digit in (1, 2, 5):
            tick = digit * 10.0**power
            if low <= tick <= high:
                kind = "ours" if tick == 1 else "grid"
                parts.append(f'<line class="{kind}" x1="{x(tick):.1f}" y1="40" x2="{x(tick):.1f}" y2="{height - 8}"/>')
                parts.append(f'<text class="axis" x="{x(tick):.1f}" y="34" text-anchor="middle">{tick:g}</text>')
    y = 46
    for name, bars in groups:
        y += 17
        parts.append(f'<text class="job" x="8" y="{y}">{escape(name)}</text>')
        y += 5
        for peer, middle, least, most in bars:
            start, end = sorted((x(1), x(middle)))
            kind = "slower" if middle >= 1 else "faster"
            parts.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{escape(peer)}</text>')
            parts.append(f'<rect class="{kind}" x="{start:.1f}" y="{y + 2}" width="{max(end - start, 1):.1f}" height="{line - 5}"/>')
            parts.append(f'<path class="ours" d="M{x(least):.1f} {y + line / 2}H{x(most):.1f}"/>')
            parts.append(f'<text x="{max(x(most), x(middle), x(1)) + 6:.1f}" y="{y + 11}">{number(middle)}</text>')
            y += line
        y += 8
    return "\n".join([*parts, "</svg>", ""])
