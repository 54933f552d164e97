"""What a real browser, without a window, makes of a page."""

import html
import json
import re
import shutil
import subprocess

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--hide-scrollbars", "--enable-logging=stderr", "--v=0"),
)
MEASURE = """<script>
addEventListener("load", () => {
  const root = document.documentElement;
  const broken = [...document.images].filter(one => !one.naturalWidth).map(one => one.src);
  const wide = [...document.querySelectorAll("body *")].filter(one =>
    !one.closest(".wide, pre") && one.getBoundingClientRect().right > innerWidth + 1);
  parent.postMessage({width: innerWidth, needed: root.scrollWidth, broken,
    images: document.images.length, wide: wide.map(one => one.outerHTML.slice(0, 80))}, "*");
});
</script>"""
FRAME = """<!doctype html><title>frame</title>
<iframe src="{page}" style="width: {width}px; height: 4000px; border: 0"></iframe>
<pre id="found"></pre>
<script>
addEventListener("message", one => {{
  document.getElementById("found").textContent = JSON.stringify(one.data);
}});
</script>"""


def find():
    """The path of a browser; None if there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def look(browser, page, width, folder):
    """Opens a page in a frame of some width.

    Returns:
        What it measures of itself, and the lines on the browser's console.
    """
    measured = page.with_name("measured.html")
    measured.write_text(page.read_text().replace("</html>", f"{MEASURE}</html>"))
    frame = page.with_name("frame.html")
    frame.write_text(FRAME.format(page=measured.name, width=width))
    options = [f"--user-data-dir={folder}", "--window-size=1400,1000", "--virtual-time-budget=5000"]
    done = subprocess.run(
        [browser, *QUIET, *options, "--dump-dom", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<pre id="found">(.+?)</pre>', done.stdout)
    assert found is not None, done.stdout[-500:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(found[1])), console
