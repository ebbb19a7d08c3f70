// Converts between paths in the log of a Delta table, which are percent-encoded and relative to the table, and paths of
// the file system. It refuses a path that leaves the table folder.
import { isAbsolute, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../../../core/errors/errors.ts";

/** The file system path of a log path, absolute when `tablePath` is. @throws MillraceError `DELTA_CORRUPT` | `DELTA_UNSUPPORTED` */
export function toFilePath(tablePath: string, logPath: string): string {
  if (logPath.startsWith("file:")) return fileURLToPath(logPath);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(logPath)) {
    throw new MillraceError("DELTA_UNSUPPORTED", `the table refers to a file in another store, got: \`${logPath}\``);
  }
  const decoded = decodePath(logPath);
  if (isAbsolute(decoded)) return decoded;
  if (normalize(decoded).split(sep)[0] === "..") {
    throw new MillraceError(
      "DELTA_CORRUPT",
      `the log of \`${tablePath}\` names a file outside it, got: \`${logPath}\``,
    );
  }
  return join(tablePath, decoded);
}

/** The log path of a file, given its path relative to the table. `=` stays, as every writer leaves it. */
export function toLogPath(relativePath: string): string {
  return relativePath
    .split(sep)
    .map((part) => encodeURIComponent(part).replaceAll("%3D", "="))
    .join("/");
}

/** The decoded path, which is what two mentions of one file have in common; writers differ in what they encode. */
export function decodePath(logPath: string): string {
  if (!logPath.includes("%")) return logPath;
  try {
    return decodeURIComponent(logPath);
  } catch {
    return logPath;
  }
}
