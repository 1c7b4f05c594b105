/** A button with data-busy-text says so while its form is on the way, keeps its width, and is pressed once. */
export function busyButtons(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter as HTMLButtonElement | null;
    if (event.defaultPrevented || !button?.dataset["busyText"]) return;
    if (form.dataset["sent"] !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "";
    button.style.minWidth = `${button.offsetWidth}px`;
    button.dataset["idleText"] = button.textContent ?? "";
    button.textContent = button.dataset["busyText"];
    button.setAttribute("aria-busy", "true");
  });
  // Back from the next page, the form can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
    for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-idle-text]")) {
      button.textContent = button.dataset["idleText"] ?? "";
      button.removeAttribute("aria-busy");
    }
  });
}
