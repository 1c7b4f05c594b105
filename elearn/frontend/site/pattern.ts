/** Shows a reference that fits the pattern while it is typed: 9 a digit, A a letter, all else itself. */
export function patternExamples(): void {
  for (const shown of document.querySelectorAll<HTMLElement>("[data-pattern-example]")) {
    const field = document.getElementById(shown.dataset["patternExample"] ?? "");
    const output = shown.querySelector("output");
    if (!(field instanceof HTMLInputElement) || !output) continue;
    field.addEventListener("input", () => {
      output.textContent = exampleOf(field.value.trim());
      shown.hidden = !output.textContent;
    });
  }
}

function exampleOf(pattern: string): string {
  let digits = 0;
  let letters = 0;
  return [...pattern]
    .map((each) => (each === "9" ? "123456789"[digits++ % 9] : each === "A" ? "KARINLUD"[letters++ % 8] : each))
    .join("");
}
