/** Lighthouse's scores for the two pages that matter most, as a signed-in learner sees them in the demo. */
import { execFileSync } from "node:child_process";
import lighthouse, { desktopConfig } from "lighthouse";
import { launch } from "chrome-launcher";

const LEAST = { accessibility: 100, performance: 95, "best-practices": 95 };
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const PRESETS = { mobile: undefined, desktop: desktopConfig };
const SHOWN_FAULTS = 12;

const demo = (process.argv[2] ?? "http://localhost:8000").replace(/\/$/, "");
const verbose = process.argv.includes("--faults");

const cookie = await signIn();
const pages = { course: await addressOf("/learn", /\/learn\/\d+(?=")/), module: await addressOf("/learn", /\/learn\/modules\/\d+(?=")/) };
const chrome = await launch({ chromePath: chromium(), chromeFlags: FLAGS });
let missed = false;
try {
  console.log("page    preset   accessibility  performance  best-practices   LCP ms  CLS    TBT ms  kB");
  for (const [name, path] of Object.entries(pages)) {
    for (const [preset, config] of Object.entries(PRESETS)) missed = (await measure(name, path, preset, config)) || missed;
  }
} finally {
  await chrome.kill();
}
process.exitCode = missed ? 1 : 0;

/** Measure one page on one preset; true when a score is below its target. */
async function measure(name, path, preset, config) {
  const flags = { port: chrome.port, onlyCategories: Object.keys(LEAST), extraHeaders: { Cookie: cookie }, logLevel: "error" };
  const { lhr } = await lighthouse(demo + path, flags, config);
  const scores = Object.keys(LEAST).map((key) => [key, Math.round(lhr.categories[key].score * 100)]);
  const value = (id) => lhr.audits[id]?.numericValue ?? 0;
  const row = [
    name.padEnd(8), preset.padEnd(9), ...scores.map(([key, score]) => String(score).padEnd(key.length + 2)),
    String(Math.round(value("largest-contentful-paint"))).padStart(7), value("cumulative-layout-shift").toFixed(3).padStart(6),
    String(Math.round(value("total-blocking-time"))).padStart(7), String(Math.round(value("total-byte-weight") / 1000)).padStart(5),
  ];
  console.log(row.join(" "));
  const low = scores.some(([key, score]) => score < LEAST[key]);
  if (low || verbose) explain(lhr);
  return low;
}

function explain(lhr) {
  const faults = Object.keys(LEAST)
    .flatMap((key) => lhr.categories[key].auditRefs)
    .map(({ id }) => lhr.audits[id])
    .filter(({ score }) => score !== null && score < 0.9);
  for (const { id, title, displayValue, details } of faults.slice(0, SHOWN_FAULTS)) {
    const first = details?.items?.[0];
    console.log(`  - ${id}: ${title} ${displayValue ?? ""} ${first ? JSON.stringify(first).slice(0, 240) : ""}`);
  }
}

/** Sign in as the demo's learner; return the cookie header. */
async function signIn() {
  const page = await fetch(`${demo}/demo`);
  if (!page.ok) throw new Error(`${demo}/demo answers ${page.status}: start a demo first, with \`make run\``);
  const jar = cookiesOf(page);
  const token = /name="csrf_token"[^>]*value="([^"]+)"/.exec(await page.text())[1];
  const body = new URLSearchParams({ csrf_token: token });
  const answer = await fetch(`${demo}/demo/sign-in/mette`, { method: "POST", body, headers: { Cookie: jar }, redirect: "manual" });
  if (answer.status !== 303) throw new Error(`signing in answers ${answer.status}`);
  return cookiesOf(answer);
}

function cookiesOf(response) {
  return response.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
}

async function addressOf(page, pattern) {
  const html = await (await fetch(demo + page, { headers: { Cookie: cookie } })).text();
  const style = await fetch(demo + /href="([^"]+\.css)"/.exec(html)[1]);
  if (!style.ok) throw new Error("the front end was built anew since the demo started: restart it");
  const found = pattern.exec(html);
  if (!found) throw new Error(`${page} leads nowhere; does the learner have a seat?`);
  return found[0];
}

function chromium() {
  return process.env["CHROME_PATH"] ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
}
