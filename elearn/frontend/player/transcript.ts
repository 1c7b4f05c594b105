import { fill } from "./clock-text.ts";
import type { Texts } from "./strings.ts";

interface Line {
  item: HTMLLIElement;
  from: number;
  text: string;
}

/** The film's text beside the film: marks the current line, keeps it in view, and can be searched. */
export class Transcript {
  private readonly list = document.querySelector<HTMLOListElement>("[data-transcript]");
  private readonly follow = document.querySelector<HTMLInputElement>("[data-follow]");
  private readonly search = document.querySelector<HTMLInputElement>("[data-find]");
  private readonly found = document.querySelector<HTMLElement>("[data-find-status]");
  private readonly lines: Line[];
  private current: Line | undefined;

  constructor(private readonly texts: Texts) {
    const items = this.list?.querySelectorAll<HTMLLIElement>("li[data-from]") ?? [];
    this.lines = [...items].map((item) => ({
      item,
      from: Number(item.dataset["from"]),
      text: (item.textContent ?? "").toLocaleLowerCase(),
    }));
    this.search?.addEventListener("input", () => this.filter());
    this.follow?.addEventListener("change", () => this.scroll());
  }

  /** The film is here now. */
  show(position: number): void {
    const line = this.lines.findLast(({ from }) => from <= position + 0.05);
    if (line === this.current) return;
    this.current?.item.removeAttribute("aria-current");
    line?.item.setAttribute("aria-current", "true");
    this.current = line;
    this.scroll();
  }

  /** Bring the current line into the list's middle. Only the list scrolls, never the page, and not under someone's hands. */
  private scroll(): void {
    const { list, current } = this;
    if (!list || !current || !this.follow?.checked || this.search?.value || list.contains(document.activeElement)) return;
    const { item } = current;
    list.scrollTop = item.offsetTop - list.offsetTop - (list.clientHeight - item.offsetHeight) / 2;
  }

  private filter(): void {
    const wanted = (this.search?.value ?? "").trim().toLocaleLowerCase();
    let count = 0;
    for (const { item, text } of this.lines) {
      item.hidden = !text.includes(wanted);
      if (!item.hidden) count += 1;
    }
    if (this.found) {
      const said = count ? fill(this.texts.lines_found, { count }) : this.texts.no_lines_found;
      this.found.textContent = wanted ? said : "";
    }
    if (!wanted) this.scroll();
  }
}
