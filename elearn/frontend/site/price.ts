const PAUSE_MS = 350;

/** The price follows what is typed: the form's own answer is fetched, and its parts marked data-live put in place. */
export function priceForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-price]")) follow(form);
}

function follow(form: HTMLFormElement): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | undefined;

  const ask = async (): Promise<void> => {
    asked?.abort();
    asked = new AbortController();
    form.dataset["busy"] = "";
    const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    try {
      const answer = await fetch(`${form.dataset["price"]}?${query}`, { signal: asked.signal });
      if (answer.ok || answer.status === 429) put(form, ((await answer.json()) as { html: string }).html);
    } catch {
      return; // another question has gone out, or there is no net: the form's button still works
    }
    delete form.dataset["busy"];
  };

  // Half a code or half a name is none: those are asked about when their field is left.
  form.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== "seats") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask(), PAUSE_MS);
  });
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    void ask();
  });
}

function put(form: HTMLFormElement, html: string): void {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of form.querySelectorAll<HTMLElement>("[data-live]")) {
    const said = page.getElementById(part.id);
    if (said && said.innerHTML !== part.innerHTML) part.replaceChildren(...said.childNodes);
  }
  for (const field of form.querySelectorAll<HTMLElement>("input[aria-describedby], select[aria-describedby]")) {
    const said = form.querySelector(`#${field.id}-said`);
    if (said?.childElementCount) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}
