// Where the file with the deleted rows of a data file is, as the log says it.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#deletion-vector-descriptor-schema
import { toFilePath } from "../log/delta-path.ts";

/** The absolute path; `undefined` when there is no vector, or none in a file of its own. */
export function vectorFile(tablePath: string, descriptor: unknown): string | undefined {
  if (typeof descriptor !== "object" || descriptor === null) return undefined;
  const { storageType, pathOrInlineDv } = descriptor as { storageType?: unknown; pathOrInlineDv?: unknown };
  if (typeof pathOrInlineDv !== "string") return undefined;
  if (storageType === "p") return toFilePath(tablePath, pathOrInlineDv);
  return storageType === "u" ? toFilePath(tablePath, encodeURI(relativePath(pathOrInlineDv))) : undefined;
}

/** Letters of an id; what comes before them is the name of a folder. */
const idLength = 20;

function relativePath(text: string): string {
  const folder = text.slice(0, -idLength);
  const hex = decodeZ85(text.slice(-idLength)).toString("hex");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return `${folder === "" ? "" : `${folder}/`}deletion_vector_${id}.bin`;
}

const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Five letters are four bytes. @see https://rfc.zeromq.org/spec/32/ */
function decodeZ85(text: string): Buffer {
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (const letter of text.slice(at, at + 5)) value = value * 85 + letters.indexOf(letter);
    bytes.writeUInt32BE(value, (at / 5) * 4);
  }
  return bytes;
}
