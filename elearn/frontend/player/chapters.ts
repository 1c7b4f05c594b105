import type { Texts } from "./strings.ts";
import type { Chapter, Progress } from "./types.ts";

type State = "set" | "mangler" | "nu" | "ny";

const WORD = { set: "chapter_seen", mangler: "chapter_missing", nu: "chapter_here", ny: "chapter_new" } as const;

/** The chapter that a position lies in. */
export function chapterAt(chapters: Chapter[], position: number): number {
  return chapters.findLastIndex((chapter) => chapter.at <= position + 0.05);
}

/** How a chapter stands: seen, with something skipped, under way, or not begun. */
export function chapterState(from: number, to: number, progress: Progress, here: boolean): State {
  if (here) return "nu";
  const lacks = progress.missing.filter(([start, end]) => start < to && end > from);
  if (lacks.length === 0) return "set";
  const furthest = progress.seen.at(-1)?.[1] ?? 0;
  return lacks.some(([, end]) => end <= furthest) || furthest > from ? "mangler" : "ny";
}

/** Keeps the page's list of chapters in step with what was watched and with the place. */
export class ChapterList {
  private readonly items = [...document.querySelectorAll<HTMLElement>("[data-chapters] > li")];

  constructor(
    private readonly chapters: Chapter[],
    private readonly length_s: number,
    private readonly texts: Texts,
  ) {}

  show(progress: Progress, position: number): void {
    const now = chapterAt(this.chapters, position);
    this.chapters.forEach((chapter, index) => {
      const item = this.items[index];
      if (!item) return;
      const to = this.chapters[index + 1]?.at ?? this.length_s;
      const state = chapterState(chapter.at, to, progress, index === now);
      if (item.className === state) return;
      item.className = state;
      const word = item.querySelector(".st");
      if (word) word.textContent = this.texts[WORD[state]];
    });
  }
}
