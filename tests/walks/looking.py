"""What every page owes to everybody who opens it, asked in the browser."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
NARROW = (390, 360, 320)
RUN_AXE = """async () => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } },
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} ${node.any.map((one) => one.message).join("; ")}`));
}"""
TOO_WIDE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const all = [...document.querySelectorAll("body *")];
  const wide = all.filter((one) => one.getBoundingClientRect().right > clientWidth + 0.5);
  return wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
}"""


@dataclass
class Look:
    """A page under observation: what its console says and whom it asks."""

    page: Page
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", self._error)
        self.page.on("request", self._request)

    def leave(self) -> None:
        """Listen no longer: another look begins in the same tab."""
        self.page.remove_listener("console", self._console)
        self.page.remove_listener("pageerror", self._error)
        self.page.remove_listener("request", self._request)

    def open(self, url: str, *, status: int = 200) -> None:
        """Open an address and check its status."""
        response = self.page.goto(url)
        assert response
        assert response.status == status, f"{url}: {response.status}, not {status}"

    def faults(self) -> list[str]:
        """Return what axe, the console, the network and the width of phones have against the page as it stands."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found = list(self.page.evaluate(RUN_AXE))
        return found + self.heard

    def too_wide(self) -> list[str]:
        """Return where the page scrolls sideways on phones."""
        found = []
        for width in NARROW:
            self.page.set_viewport_size({"width": width, "height": 800})
            found += [f"wider than {width} px: {one}" for one in self.page.evaluate(TOO_WIDE)]
        return found

    def _console(self, message: ConsoleMessage) -> None:
        is_own_status = (
            "the server responded with a status of" in message.text and message.location.get("url") == self.page.url
        )
        if message.type in ("error", "warning") and not is_own_status:
            self.heard.append(f"console: {message.text}")

    def _error(self, error: object) -> None:
        self.heard.append(f"script error: {error}")

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in ("localhost", None, ""):
            self.heard.append(f"asks another host: {request.url}")


def look(context: BrowserContext) -> Look:
    """Open an empty page under observation."""
    return Look(context.new_page())
