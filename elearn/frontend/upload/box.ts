import { fill } from "../player/clock-text.ts";
import { idFrom, isId, isSameName } from "./names.ts";
import { Pace } from "./pace.ts";
import { Refused, TusUpload } from "./tus.ts";
import { sendByXhr } from "./xhr.ts";

/** The JSON in a page's [data-upload-config]. */
export interface UploadConfig {
  endpoint: string;
  csrf: string;
  language: string;
  largest_bytes: number;
  /** A film's page, with KEY for its id. */
  film_url: string;
  drop_url: string;
  /** The film whose file is sent; null where the form asks for its id. */
  film: string | null;
  spoken: string | null;
  /** What was begun before: only the same file goes on with it. */
  begun: { url: string; name: string; size: number } | null;
  strings: Record<string, string>;
}

const MB = 1_000_000;
const TOLD_EVERY_MS = 500;

/** The form that sends a film, and what is shown while it is on its way. */
export class UploadBox {
  private upload: TusUpload | null = null;
  private film: string;
  private size = 0;
  private toldAt = -Infinity;
  private isSending = false;
  private readonly pace = new Pace();
  private readonly form: HTMLFormElement;
  private readonly sending: HTMLElement;

  constructor(
    private readonly box: HTMLElement,
    private readonly config: UploadConfig,
  ) {
    this.film = config.film ?? "";
    this.form = this.find("[data-upload-form]");
    this.sending = this.find("[data-upload-sending]");
    this.form.hidden = false;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.begin();
    });
    this.file.addEventListener("change", () => this.suggestId());
    this.find("[data-upload-pause]").addEventListener("click", () => this.pauseOrGoOn());
    this.find<HTMLFormElement>("[data-upload-drop]").addEventListener("submit", () => this.leaveOff());
    addEventListener("beforeunload", (event) => {
      if (this.isSending) event.preventDefault();
    });
  }

  private get file(): HTMLInputElement {
    return this.find<HTMLInputElement>("input[type=file]");
  }

  private get id(): HTMLInputElement | null {
    return this.form.querySelector<HTMLInputElement>("input[name=film]");
  }

  private suggestId(): void {
    this.fault("file", "");
    const chosen = this.file.files?.[0];
    if (chosen && this.id && !this.id.value) this.id.value = idFrom(chosen.name);
  }

  private async begin(): Promise<void> {
    const chosen = this.file.files?.[0];
    if (!(await this.isGood(chosen)) || !chosen) return;
    if (this.form.hidden) return; // pressed twice while it was looked at, it has begun
    this.size = chosen.size;
    this.upload = new TusUpload({
      file: chosen,
      endpoint: this.config.endpoint,
      metadata: { film: this.film, language: this.language(), filename: chosen.name },
      begun: this.config.begun?.url ?? null,
      csrf: this.config.csrf,
      freshCsrf,
      send: sendByXhr,
      wait: waitOrOnline,
      onBegun: () => this.begun(),
      onProgress: (arrived) => this.progress(arrived),
      onWaiting: (sentence) => this.waits(sentence),
    });
    this.form.hidden = true;
    this.sending.hidden = this.find("[data-upload-leave]").hidden = false;
    this.find("[data-upload-name]").textContent = chosen.name;
    this.dropForm().action = this.config.drop_url.replace("KEY", this.film);
    this.find("[data-upload-pause]").focus();
    await this.send();
  }

  /** Look at what was chosen and written before anything is sent. */
  private async isGood(chosen: File | undefined): Promise<boolean> {
    const { begun, largest_bytes, strings } = this.config;
    const other = begun && chosen && (!isSameName(chosen.name, begun.name) || chosen.size !== begun.size);
    const size = this.number((begun?.size ?? 0) / MB);
    const fault = !chosen
      ? strings["upload.choose"]
      : other
        ? fill(strings["upload.other_file"] ?? "", { name: begun.name, size })
        : chosen.size === 0
          ? strings["upload.empty"]
          : chosen.size > largest_bytes
            ? fill(strings["upload.too_large"] ?? "", { size: this.number(largest_bytes / MB / 1000) })
            : "";
    this.fault("file", fault ?? "");
    const idFault = this.id ? await this.idFault(this.id.value.trim()) : "";
    this.fault("film", idFault);
    if (fault) this.file.focus();
    else if (idFault) this.id?.focus();
    return !fault && !idFault;
  }

  private async idFault(id: string): Promise<string> {
    if (!isId(id)) return this.config.strings["upload.bad_id"] ?? "";
    const there = await fetch(this.config.film_url.replace("KEY", id), { method: "HEAD" }).catch(() => null);
    if (there?.ok) return this.config.strings["upload.id_there"] ?? "";
    this.film = id;
    return "";
  }

  private language(): string {
    return this.config.spoken ?? this.form.querySelector<HTMLSelectElement>("select")?.value ?? "";
  }

  /** From now on a reload leads to the film's own page, where the same file goes on. */
  private begun(): void {
    history.replaceState(null, "", this.config.film_url.replace("KEY", this.film));
  }

  private async send(): Promise<void> {
    this.isSending = true;
    this.pace.forget();
    this.pauseButton("upload.pause");
    try {
      if (!(await this.upload?.run())) return;
      this.isSending = false;
      this.say("upload.done");
      location.assign(this.config.film_url.replace("KEY", this.film));
    } catch (error) {
      this.isSending = false;
      this.refused(error instanceof Refused ? error : new Refused(0, ""));
    }
  }

  private refused({ status, message }: Refused): void {
    const known = { 401: "upload.signed_out", 403: "upload.signed_out", 404: "upload.gone" } as Record<number, string>;
    this.say(known[status] ?? "upload.failed", message && !known[status] ? message : undefined);
    this.pauseButton("upload.go_on");
  }

  private pauseOrGoOn(): void {
    if (!this.isSending) {
      void this.send();
      return;
    }
    this.isSending = false;
    this.upload?.pause();
    this.say("upload.paused");
    this.pauseButton("upload.go_on");
  }

  private leaveOff(): void {
    this.isSending = false;
    this.upload?.pause();
  }

  private waits(sentence: string): void {
    this.pace.forget();
    this.say("upload.waiting", sentence || undefined);
  }

  private progress(arrived: number): void {
    const bar = this.find<HTMLProgressElement>("progress");
    [bar.max, bar.value] = [this.size, arrived];
    this.pace.note(performance.now(), arrived);
    if (performance.now() - this.toldAt < TOLD_EVERY_MS && arrived < this.size) return;
    this.toldAt = performance.now();
    const share = new Intl.NumberFormat(this.config.language, { style: "percent" }).format(Math.floor((100 * arrived) / this.size) / 100);
    const sizes = { done: this.number(arrived / MB), all: this.number(this.size / MB), share };
    this.find("[data-upload-figures]").textContent = fill(this.config.strings["upload.figures"] ?? "", sizes);
    this.say(...this.left());
  }

  private left(): [string, string?] {
    const left_s = this.pace.left_s(this.size);
    if (left_s === null) return ["upload.sending"];
    if (left_s < 60) return ["upload.nearly"];
    return ["upload.left", fill(this.config.strings["upload.left"] ?? "", { minutes: Math.round(left_s / 60) })];
  }

  private say(key: string, sentence?: string): void {
    const place = this.find("[data-upload-says]");
    const text = sentence ?? this.config.strings[key] ?? "";
    if (place.textContent !== text) place.textContent = text;
  }

  private fault(field: string, sentence: string): void {
    const place = this.form.querySelector<HTMLElement>(`[data-fault=${field}]`);
    const input = this.form.querySelector<HTMLElement>(`[name=${field}]`);
    if (!place || !input) return;
    place.textContent = sentence;
    place.hidden = !sentence;
    if (sentence) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  private pauseButton(key: string): void {
    this.find("[data-upload-pause]").textContent = this.config.strings[key] ?? "";
  }

  private dropForm(): HTMLFormElement {
    return this.find("[data-upload-drop]");
  }

  private number(value: number): string {
    return new Intl.NumberFormat(this.config.language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  }

  private find<T extends HTMLElement = HTMLElement>(selector: string): T {
    const element = this.box.querySelector<T>(selector);
    if (!element) throw new Error(`The upload's markup lacks ${selector}`);
    return element;
  }
}

/** The token stands in this page as it would be shown now; who is signed out is led elsewhere. */
async function freshCsrf(): Promise<string> {
  const page = await fetch(location.href, { cache: "no-store" });
  if (page.redirected || !page.ok) throw new Refused(page.redirected ? 401 : page.status, "");
  const shown = new DOMParser().parseFromString(await page.text(), "text/html");
  const json = shown.querySelector("[data-upload-config]")?.textContent;
  if (!json) throw new Refused(404, "");
  return (JSON.parse(json) as UploadConfig).csrf;
}

/** Wait for a while, or until the browser says that the line is back. */
function waitOrOnline(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
    addEventListener("online", done);
  });
}
