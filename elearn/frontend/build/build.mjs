// Builds the front end into elearn/static/build: hashed scripts, styles and fonts, TrueType fonts for PDFs, and
// manifest.json, which tells the server their names and the style hashes for its CSP. The same sources give the same bytes.
import { build, transform } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { dropUnreadProperties, expandDark, trimStockTheme } from "./css.mjs";
import { trueTypeFromWoff } from "./pdf-fonts.mjs";
import { mediaChromeStyleHashes } from "./style-hashes.mjs";

const FRONTEND = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const OUT = path.resolve(FRONTEND, "../static/build");
const TARGET = ["chrome109", "firefox115", "safari15.4"];
const PRELOADED_FONT = "inter-latin-opsz-normal";
const PDF_WEIGHTS = [400, 500, 600, 700];
/** Font families of PDFs, in the order a document should name them. */
const PDF_FAMILIES = { Inter: "latin", "Inter More": "latin-ext" };

const files = {};
const written = new Set(["manifest.json"]);

async function write(name, contents) {
  const file = path.join(OUT, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, contents);
  written.add(name);
}

/** Text files also lie there compressed, so that the server never does it per request. */
async function compress() {
  for (const name of [...written]) {
    if (!/\.(css|js|svg)$/.test(name)) continue;
    const contents = await readFile(path.join(OUT, name));
    await write(`${name}.gz`, gzipSync(contents, { level: 9 }));
    await write(`${name}.br`, brotliCompressSync(contents));
  }
}

async function emit(name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}-${hash}${ext}`;
  await write(hashed, contents);
  files[name] = hashed;
}

const styleSheets = {
  name: "style-sheets",
  setup(build) {
    build.onLoad({ filter: /dist[\\/]theme[\\/]designsystemet\.css$/ }, async ({ path: file }) => ({
      contents: trimStockTheme(await readFile(file, "utf8")),
      loader: "css",
    }));
    build.onLoad({ filter: /frontend[\\/]css[\\/][\w-]+\.css$/ }, async ({ path: file }) => ({
      contents: expandDark(await readFile(file, "utf8")),
      loader: "css",
    }));
  },
};

async function buildStyles() {
  const result = await build({
    entryPoints: [path.join(FRONTEND, "css/site.css")],
    bundle: true,
    write: false,
    outdir: OUT,
    target: TARGET,
    loader: { ".woff2": "file" },
    assetNames: "[name]-[hash]",
    plugins: [styleSheets],
  });
  for (const file of result.outputFiles) {
    const name = path.basename(file.path);
    if (name.endsWith(".css")) {
      const trimmed = dropUnreadProperties(file.text);
      const { code } = await transform(trimmed, { loader: "css", minify: true, target: TARGET });
      await emit("site.css", code);
    } else {
      await write(name, file.contents);
      if (name.startsWith(PRELOADED_FONT)) files.font = name;
    }
  }
}

async function buildScripts() {
  const shared = { bundle: true, minify: true, legalComments: "none", target: TARGET, outdir: OUT, write: false, metafile: true };
  const results = [
    await build({
      ...shared,
      entryPoints: [path.join(FRONTEND, "site.ts")],
      format: "iife",
      entryNames: "[name]-[hash]",
    }),
    // hls.js is a chunk of its own: fetched when someone is about to press play, not before.
    await build({
      ...shared,
      entryPoints: [path.join(FRONTEND, "player.ts"), path.join(FRONTEND, "upload.ts")],
      format: "esm",
      splitting: true,
      entryNames: "[name]-[hash]",
      chunkNames: "[name]-[hash]",
    }),
  ];
  for (const { metafile, outputFiles } of results) {
    for (const file of outputFiles) await write(path.basename(file.path), file.contents);
    for (const [file, output] of Object.entries(metafile.outputs)) {
      if (!output.entryPoint) continue;
      const entry = path.basename(output.entryPoint).replace(/\.(ts|mjs)$/, ".js");
      files[entry] = path.basename(file);
    }
  }
}

async function writePdfFonts() {
  const resolve = createRequire(import.meta.url).resolve;
  for (const [family, subset] of Object.entries(PDF_FAMILIES)) {
    for (const weight of PDF_WEIGHTS) {
      const woff = await readFile(resolve(`@fontsource/inter/files/inter-${subset}-${weight}-normal.woff`));
      await write(`fonts-ttf/inter-${subset}-${weight}.ttf`, trueTypeFromWoff(woff, family));
    }
  }
}

async function removeLeftovers() {
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const name = path.relative(OUT, file).split(path.sep).join("/");
    if (entry.isFile() && !written.has(name)) await rm(file);
  }
}

async function main() {
  await Promise.all([buildStyles(), buildScripts(), writePdfFonts()]);
  await emit("icon.svg", await readFile(path.join(FRONTEND, "icon.svg")));
  await compress();
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  const manifest = { files: sorted, style_hashes: await mediaChromeStyleHashes() };
  // The manifest changes in one step and only when all it names is there; older files go last.
  await writeFile(path.join(OUT, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(path.join(OUT, "manifest.json.new"), path.join(OUT, "manifest.json"));
  await removeLeftovers();
}

await main();
