import english from "../strings.json";

type SiteKey = { [Key in keyof typeof english]: Key extends `site.${string}` ? Key : never }[keyof typeof english];

const given: Partial<Record<SiteKey, string>> = JSON.parse(
  document.querySelector("[data-site-strings]")?.textContent ?? "{}",
) as Partial<Record<SiteKey, string>>;

/** A text in the page's language, from the page's [data-site-strings]. */
export function text(key: SiteKey): string {
  return given[key] ?? english[key];
}
