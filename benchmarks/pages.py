"""How fast pages are drawn: largest paint, layout shift and bytes of a first visit, in Chromium.

    python benchmarks/pages.py http://127.0.0.1:8000 --out docs/benchmarks/pages.md

The server is started by hand (`kg serve`). Each page is visited by a new browser profile several
times; the median is reported. Needs Chromium.
"""

import argparse
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PATHS = (
    "/",
    "/doc/city/lt-klaipeda",
    "/doc/network/urbact-sdg-pilot",
    "/doc/programme/eu-cities-mission",
    "/doc/pledge/green-city-accord",
    "/search?q=Klaipedos",
    "/compare?ids=city/lt-klaipeda,city/lt-vilnius",
    "/totals",
    "/query",
)
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
OBSERVE = """
window.seen = { paint: 0, shift: 0 };
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.seen.paint = each.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.seen.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
READ = """() => ({
  ...window.seen,
  bytes: ["resource", "navigation"].flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, each) => sum + each.transferSize, 0),
})"""


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    lines = ["| page | largest paint, ms | layout shift | kB, compressed |", "|---|---|---|---|"]
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for path in PATHS:
            found = [_visit(browser, asked.address + path) for _ in range(asked.times)]
            middle = {name: statistics.median(each[name] for each in found) for name in found[0]}
            lines.append(
                f"| `{path}` | {middle['paint']:.0f} | {middle['shift']:.3f} "
                f"| {middle['bytes'] / 1000:.0f} |"
            )
        browser.close()
    text = "\n".join(lines) + "\n"
    print(text)  # noqa: T201 - what it is for
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")


def _visit(browser: Browser, address: str) -> dict[str, float]:
    """Return what one first visit was like."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.goto(address, wait_until="networkidle")
    found: dict[str, float] = page.evaluate(READ)
    context.close()
    return found


if __name__ == "__main__":
    main()
