import english from "../strings.json";

const MEDIA = "media.";

/** Every text of the player, in the page's language; what the page does not bring is shown in English. */
export type Texts = typeof english;

export function textsFrom(given: Record<string, string>): Texts {
  return { ...english, ...given };
}

/** The texts that media-chrome's own elements ask for, by media-chrome's names. */
export function mediaChromeTexts(texts: Texts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([key]) => key.startsWith(MEDIA))
      .map(([key, text]) => [key.slice(MEDIA.length), text]),
  );
}
