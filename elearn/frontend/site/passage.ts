/** What is marked in a text stands in the field that names a passage of it. Without script it is typed. */
export function markedPassages(): void {
  const text = document.querySelector<HTMLElement>("[data-passage-of]");
  const field = document.getElementById(text?.dataset["passageOf"] ?? "");
  if (!text || !(field instanceof HTMLInputElement)) return;
  document.addEventListener("selectionchange", () => {
    const marked = document.getSelection();
    const words = marked?.toString().trim();
    if (words && text.contains(marked?.anchorNode ?? null) && text.contains(marked?.focusNode ?? null)) field.value = words;
  });
}
