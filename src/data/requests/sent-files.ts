// Files that requests carry: found and looked at before anything is sent, so that their checksums can be part of the request.
import { randomUUID } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { findFileService } from "../../connections/files/find-file-service.ts";
import type { FileContent } from "../../connections/http/file-content.ts";
import type { Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { hashFile } from "../delivery/hash-file.ts";
import { makeFolder } from "../files/file-system.ts";
import { resolveTargetPath } from "../files/project-path.ts";
import { renderPath } from "./render-path.ts";

/** A file as a request names it. */
export interface SentFileOptions {
  /** One file; texts may have variables. */
  readonly path: string;
  /** Where it is: a connection of the kind `s3`, `sftp` or `webhdfs`. Default: this machine. */
  readonly connection?: string;
}

export interface SendingFiles {
  /** Folder of the project, absolute: relative paths belong to it. */
  readonly root: string;
  /** Folder for copies. */
  readonly spool: string;
  readonly signal: AbortSignal;
}

/** The files of one request. Disposing of them removes the copies. */
export interface SentFiles extends AsyncDisposable {
  /** In their order. */
  readonly files: readonly FileContent[];
  /** What is known of the first, `{{upload.md5}}`. */
  readonly variables: Variables;
}

/** @throws MillraceError `SOURCE_MISSING`, `VARIABLE_UNRESOLVED`, `VALUE_INVALID`, and what a service refuses */
export async function openSentFiles(
  asked: readonly SentFileOptions[],
  variables: Variables,
  where: string,
  sending: SendingFiles,
): Promise<SentFiles> {
  const folder = join(sending.spool, `sent-${randomUUID()}`);
  const dispose = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
  try {
    const found: LookedAt[] = [];
    for (const { path, connection } of asked) {
      const rendered = renderPath(path, variables, where);
      if (rendered === undefined) throw new MillraceError("VARIABLE_UNRESOLVED", `nothing is left of ${where}`);
      found.push(await lookAt(rendered, connection, folder, sending));
    }
    const [first] = found;
    return {
      files: found.map(({ content }) => content),
      variables: first === undefined ? {} : { upload: first.variables },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface LookedAt {
  readonly content: FileContent;
  readonly variables: Variables;
}

async function lookAt(
  path: string,
  connection: string | undefined,
  folder: string,
  { root, signal }: SendingFiles,
): Promise<LookedAt> {
  const file = connection === undefined ? await ofMachine(path, root) : await copyOf(path, connection, folder, signal);
  const { size, md5, sha256 } = await hashFile(file);
  const name = basename(path);
  const md5Base64 = Buffer.from(md5, "hex").toString("base64");
  return { content: { file, name: path, size, sha256 }, variables: { name, size, md5, md5Base64, sha256 } };
}

async function ofMachine(path: string, root: string): Promise<string> {
  const absolute = resolveTargetPath({ root, lake: root }, path);
  const found = await stat(absolute).catch(() => undefined);
  if (found?.isFile() === true) return absolute;
  throw missing(path, `folder \`${root}\``);
}

async function copyOf(path: string, connection: string, folder: string, signal: AbortSignal): Promise<string> {
  const service = await findFileService(connection);
  const found = await service.find(path, { signal });
  if (found === undefined) throw missing(path, `\`${service.place("")}\``);
  await makeFolder(folder);
  const copy = join(folder, `${randomUUID()}${extname(path).replaceAll(/[^.\w]/g, "")}`);
  await service.download(found, copy, { signal });
  return copy;
}

function missing(path: string, place: string): MillraceError {
  return new MillraceError("SOURCE_MISSING", `there is no file \`${path}\` in ${place}`, {
    hint: "correct `path` of the file in the body, or wait until it is there",
  });
}
