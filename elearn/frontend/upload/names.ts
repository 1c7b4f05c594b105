const LONGEST = 80;
const SPELT = { æ: "ae", ø: "oe", å: "aa", ß: "ss" } as Record<string, string>;
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A film's id from its file's name: small letters, digits and hyphens. */
export function idFrom(fileName: string): string {
  return fileName
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .replace(/[æøåß]/g, (letter) => SPELT[letter] ?? letter)
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, "");
}

export function isId(text: string): boolean {
  return text.length <= LONGEST && ID.test(text);
}

/** Whether a file is called as the server keeps it: without signs that are not seen, and of a long name only the end. */
export function isSameName(fileName: string, kept: string): boolean {
  return lettersOf(fileName).endsWith(lettersOf(kept));
}

function lettersOf(name: string): string {
  return name.normalize("NFD").replace(/[^\p{L}\p{N}]+/gu, "");
}
