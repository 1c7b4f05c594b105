// Runs the unit tests in tests/*.test.ts with Node's own runner. They are bundled first, so any Node >= 20 can run them.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const TESTS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../tests");

const outdir = await mkdtemp(path.join(tmpdir(), "elearn-frontend-tests-"));
try {
  const entryPoints = (await readdir(TESTS)).filter((name) => name.endsWith(".test.ts")).map((name) => path.join(TESTS, name));
  await build({ entryPoints, bundle: true, outdir, platform: "node", format: "esm", outExtension: { ".js": ".mjs" } });
  const bundles = entryPoints.map((file) => path.join(outdir, path.basename(file).replace(/\.ts$/, ".mjs")));
  const { status } = spawnSync(process.execPath, ["--test", ...bundles], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  await rm(outdir, { recursive: true, force: true });
}
