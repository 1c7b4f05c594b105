const EVERY_MS = 1000;

/** A page of work in the background shows how far it is, and goes on to the next page by itself. */
export function progressPages(): void {
  const shown = document.querySelector("[data-progress-page]");
  if (shown) setTimeout(() => void refresh(shown), EVERY_MS);
}

async function refresh(shown: Element): Promise<void> {
  const html = await fetch(location.href)
    .then((answer) => (answer.ok ? answer.text() : null))
    .catch(() => null);
  if (html !== null) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const now = page.querySelector("[data-progress-page]");
    const bar = now?.querySelector("progress");
    if (!bar || page.querySelector("h1")?.textContent !== document.querySelector("h1")?.textContent) {
      location.reload();
      return;
    }
    const ours = shown.querySelector("progress");
    if (ours && bar.hasAttribute("value")) [ours.max, ours.value] = [bar.max, bar.value];
    for (const part of ["h2", "[role=status]"]) {
      const [said, says] = [shown.querySelector(part), now?.querySelector(part)];
      if (said && says && said.textContent !== says.textContent) said.textContent = says.textContent;
    }
  }
  setTimeout(() => void refresh(shown), EVERY_MS);
}
