"""What a first visit loads, and what moves while it does; for times see benchmarks/pages.py."""

import pytest

PAGE_BYTES = 200_000  # with fonts and the map, compressed as it is sent
WORKBENCH_BYTES = 450_000
SHIFT = 0.05  # Cumulative Layout Shift, https://www.w3.org/TR/layout-instability/
OBSERVE = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
TRANSFERRED = """() => ["resource", "navigation"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, each) => sum + each.transferSize, 0)"""


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", PAGE_BYTES),
        ("/lt/doc/city/lt-klaipeda", PAGE_BYTES),
        ("/doc/network/urbact-sdg-pilot", PAGE_BYTES),
        ("/doc/programme/eu-cities-mission", PAGE_BYTES),
        ("/sl/search?q=Ljubljano", PAGE_BYTES),
        ("/totals", PAGE_BYTES),
        ("/question", PAGE_BYTES),
        ("/query", WORKBENCH_BYTES),
    ],
)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_first_visit_is_light_and_still(tab, path, most, width):
    with tab(width=width) as found:
        found.page.add_init_script(OBSERVE)
        page = found.open(path)
        sent = page.evaluate(TRANSFERRED)
        assert 0 < sent < most
        assert page.evaluate("window.shift") < SHIFT
