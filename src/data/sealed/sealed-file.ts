// The file of a sealed dataset: a line that says what it is, and the rows as one text that nobody reads without the key. It can be
// read by its owner only, and is swapped as a whole.
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { z } from "zod";
import type { SecretSeal } from "../../connections/auth/seal.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { errorCode, syncFolder, toTargetError } from "../files/file-system.ts";

/** What the file says without the key. */
export interface SealedHeader {
  readonly runKey: string;
  readonly fingerprint: string;
  readonly rows: number;
}

/** Rows as texts, in the order of their columns. */
export interface SealedRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Durable when it resolves. @param beforeSwap called right before the rows become visible */
export async function writeSealedFile(
  path: string,
  { header, rows, seal }: { readonly header: SealedHeader; readonly rows: SealedRows; readonly seal: SecretSeal },
  beforeSwap: () => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const next = `${path}.next`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // what a crash has left there is not written on, since it may have other permissions
    await rm(next, { force: true });
    {
      await using file = await open(next, "wx", 0o600);
      await file.writeFile(`${JSON.stringify(header)}\n${seal.seal(JSON.stringify(rows), purposeOf(path))}\n`);
      await file.sync();
    }
    await beforeSwap();
    await rename(next, path);
    await chmod(path, 0o600);
    await syncFolder(folder);
  } catch (error) {
    throw error instanceof MillraceError ? error : toTargetError(error, path);
  }
}

/** `undefined` where there is none. @throws MillraceError `SOURCE_UNREADABLE` for something that is no such file */
export async function readSealedHeader(path: string): Promise<SealedHeader | undefined> {
  return (await readParts(path))?.header;
}

/** @throws MillraceError `SOURCE_MISSING`, `SOURCE_UNREADABLE`, `SECRET_UNREADABLE` with another key */
export async function readSealedRows(path: string, seal: SecretSeal): Promise<SealedRows> {
  const parts = await readParts(path);
  if (parts === undefined) throw new MillraceError("SOURCE_MISSING", `there is no sealed file at \`${path}\``);
  // what `writeSealedFile` has sealed is rows, and a text that was changed does not open
  return JSON.parse(seal.open(parts.sealed, purposeOf(path))) as SealedRows;
}

/** A sealed text of one dataset cannot be put in the place of another one's. */
function purposeOf(path: string): string {
  return `dataset ${basename(path)}`;
}

const headerSchema = z.object({ runKey: z.string(), fingerprint: z.string(), rows: z.number() });

async function readParts(
  path: string,
): Promise<{ readonly header: SealedHeader; readonly sealed: string } | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw toTargetError(error, path);
  });
  if (text === undefined) return undefined;
  const [first = "", sealed = ""] = text.split("\n");
  try {
    return { header: headerSchema.parse(JSON.parse(first)), sealed };
  } catch (cause) {
    throw new MillraceError("SOURCE_UNREADABLE", `there is no sealed dataset in the file \`${path}\``, { cause });
  }
}
