// Where the archive is: at the address in `url.txt`, if somebody has put one there, or a stand-in for as long as the command runs.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startArchiveService } from "./service.ts";

const file = join(import.meta.dirname, "url.txt");

/** The downloads, for the report. */
export const downloadLog: string = resolve(import.meta.dirname, "../out/downloads.txt");

export const archiveUrl: string = existsSync(file)
  ? readFileSync(file, "utf8").trim()
  : (await startArchiveService(downloadLog)).url;
