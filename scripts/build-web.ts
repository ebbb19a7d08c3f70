// `node scripts/build-web.ts`: the web UI into `dist/web`, each file also compressed as browsers take it, so that the server
// compresses nothing. Ends with the check of sizes.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";
import { checkBundle } from "./check-bundle.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const folder = join(repositoryRoot, "dist", "web");
/** Smaller files fit one packet either way. */
const minBytes = 1_024;
const compressed: ReadonlySet<string> = new Set([".js", ".css", ".html", ".svg", ".json"]);

await buildWeb();

async function buildWeb(): Promise<void> {
  await build({ configFile: join(repositoryRoot, "src", "web", "vite.config.ts"), logLevel: "warn" });
  const count = await compressFiles();
  console.log(`dist/web: ${count} files compressed`);
  await checkBundle(folder);
  // Only this check reads it.
  await rm(join(folder, ".vite"), { recursive: true, force: true });
}

/** Writes `.br` and `.gz` beside each text file; gives how many. */
async function compressFiles(): Promise<number> {
  const toGzip = promisify(gzip);
  const toBrotli = promisify(brotliCompress);
  let count = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !compressed.has(extname(path)) || path.includes(`${join(folder, ".vite")}`)) continue;
    const content = await readFile(path);
    if (content.length < minBytes) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    await writeFile(`${path}.br`, await toBrotli(content, { params }));
    await writeFile(`${path}.gz`, await toGzip(content, { level: 9 }));
    count += 1;
  }
  return count;
}
