import { text } from "./texts.ts";

const AFTER_MS = 1200;
const AGAIN_MS = 8000;

/** Forms with data-autosave save themselves while someone writes. Without script they have a button. */
export function autosaveForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosave]")) new Autosave(form);
}

/** The page is older than who is signed in now, or the seat is gone: to try again would come to the same. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saved: string;
  private saving: Promise<void> | null = null;

  constructor(private readonly form: HTMLFormElement) {
    this.saved = this.field.value;
    form.addEventListener("input", () => this.later(AFTER_MS));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    this.field.addEventListener("blur", () => void this.save());
    addEventListener("online", () => void this.save());
    addEventListener("pagehide", () => void this.save());
    for (const button of form.querySelectorAll<HTMLElement>("[data-without-script]")) button.hidden = true;
  }

  private get field(): HTMLTextAreaElement {
    return this.form.querySelector("textarea") as HTMLTextAreaElement;
  }

  private later(delay_ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), delay_ms);
  }

  private async save(): Promise<void> {
    clearTimeout(this.timer);
    if (this.saving) await this.saving;
    const { value } = this.field;
    if (value === this.saved) return;
    this.saving = this.send(value).finally(() => (this.saving = null));
    await this.saving;
  }

  private async send(value: string): Promise<void> {
    this.say(text("site.note_saving"));
    try {
      const response = await fetch(this.form.action, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token() },
        body: JSON.stringify({ text: value }),
        keepalive: true,
      });
      if (isFinal(response.status)) {
        this.say(text("site.note_refused"));
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      const { saved_at } = (await response.json()) as { saved_at: string };
      this.saved = value;
      this.say(text("site.note_saved").replace("{time}", saved_at));
    } catch {
      this.say(text("site.note_unsaved"));
      this.later(AGAIN_MS);
    }
  }

  private token(): string {
    return this.form.querySelector<HTMLInputElement>('input[name="csrf_token"]')?.value ?? "";
  }

  private say(sentence: string): void {
    const id = this.field.id;
    const place = this.form.querySelector("[data-autosave-status]") ?? document.querySelector(`[data-autosave-status="${id}"]`);
    if (place) place.textContent = sentence;
  }
}
