"""What a real browser, without a window, makes of pages."""

import json
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

PHONE, DESKTOP = 360, 1280
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--hide-scrollbars", "--enable-logging=stderr", "--v=0"),
)
FRAME = """<!doctype html><title>frame</title>
<iframe style="width: {width}px; height: 3000px; border: 0"></iframe>
<script>
const frame = document.querySelector("iframe");
const pause = ms => new Promise(done => setTimeout(done, ms));
async function look(page) {{
  const loaded = new Promise(done => frame.onload = done);
  frame.src = page;
  await loaded;
  const inside = frame.contentWindow, doc = frame.contentDocument;
  const images = [...doc.images];
  for (const one of images) one.loading = "eager";
  await Promise.race([Promise.all(images.map(one => one.decode().catch(() => 0))), pause(20000)]);
  // Hits are shown one by one: wait until no more have come for a while.
  let hits = 0, quiet = 0, polls = 0;
  while (page.includes("search.html?q=") && quiet < 8 && polls++ < 100) {{
    await pause(100);
    const now = doc.querySelectorAll("#search-results li").length;
    quiet = now && now === hits ? quiet + 1 : 0;
    hits = now;
  }}
  await pause(50);
  const wide = [...doc.querySelectorAll("body *")].filter(one =>
    !one.closest(".wide, .table-wrapper, pre, .sidebar-drawer, .toc-drawer, mjx-assistive-mml") &&
    one.getBoundingClientRect().right > inside.innerWidth + 1);
  return {{page, width: inside.innerWidth, needed: doc.documentElement.scrollWidth,
    broken: images.filter(one => !one.naturalWidth).map(one => one.src),
    images: images.length, wide: wide.map(one => one.outerHTML.slice(0, 80)),
    hits: [...doc.querySelectorAll("#search-results li > a")].map(one =>
      one.getAttribute("href"))}};
}}
(async () => {{
  const found = [];
  for (const page of {pages}) found.push(await look(page));
  await fetch("/found", {{method: "POST", body: JSON.stringify(found)}});
}})();
</script>"""


def find():
    """The path of a browser; None if there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, the frame that looks at its pages, and takes in what that finds."""

    def do_GET(self):
        if self.path != "/frame.html":
            return super().do_GET()
        body = self.server.frame.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def do_POST(self):
        self.server.found = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.done.set()

    def log_message(self, *_):
        pass


@contextmanager
def _served(folder, pages, width):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    server.frame = FRAME.format(pages=json.dumps(pages), width=width)
    server.found, server.done = None, threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def look(browser, folder, pages, width, profile, timeout=300):
    """Opens pages one after the other in a frame of some width.

    Args:
        browser: Its path.
        folder: That is served.
        pages: Paths below it, with a query if need be.
        width: Of the frame, in pixels.
        profile: A new folder for the browser.
        timeout: Seconds for all pages.

    Returns:
        What each page measures, and the lines on the browser's console.
    """
    with _served(folder, pages, width) as server, (profile.with_suffix(".log")).open("w+") as log:
        options = [f"--user-data-dir={profile}", "--window-size=1400,1000"]
        address = f"http://127.0.0.1:{server.server_port}/frame.html"
        # A port that is no debugger's: with one, the browser stays open until it is ended.
        process = subprocess.Popen(
            [browser, *QUIET, *options, "--remote-debugging-port=0", address],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            assert server.done.wait(timeout), "the browser did not come to an end"
        finally:
            process.terminate()
            process.wait()
        log.seek(0)
        console = [line for line in log.read().splitlines() if "CONSOLE" in line]
    return server.found, console
