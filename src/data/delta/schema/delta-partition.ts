// Partition values and the folders named after them. The log holds a value, and readers of the protocol look there;
// the folder's name is a courtesy to people, and to the tools that read it instead.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#partition-value-serialization
import { createHash } from "node:crypto";
import type { WrittenFile } from "../../../compute/engine.ts";
import type { DeltaStruct } from "./delta-schema.ts";

/** The engine's text forms as the protocol has them: instants without their zone, which is UTC, and numbers as Java writes them. */
export function toPartitionValues(
  partition: WrittenFile["partition"],
  schema: DeltaStruct,
  partitionBy: readonly string[],
): Record<string, string | null> {
  return Object.fromEntries(
    partitionBy.map((name) => {
      const text = partition[name] ?? null;
      const type = schema.fields.find((field) => field.name === name)?.type;
      return [name, text === null ? null : serialize(text, type)];
    }),
  );
}

/** Folders of a file below the table, one for each partition column, e.g. `["region=north", "day=2020-01-01"]`. */
export function partitionFolders(partition: WrittenFile["partition"], partitionBy: readonly string[]): string[] {
  return partitionBy.map((name) => {
    const value = partition[name] ?? null;
    const folder = `${encodeName(name)}=${value === null ? nullFolder : encodeValue(value)}`;
    const isFaithful = Buffer.byteLength(folder) <= maxNameBytes && value !== nullFolder;
    return isFaithful ? folder : namelessFolder(name, value);
  });
}

/** Tells whether a folder has a name that `partitionFolders` gives. */
export function isPartitionFolder(name: string): boolean {
  return name.includes("=") || /^value-[0-9a-f]{32}$/.test(name);
}

/** How everybody who names folders after partitions writes NULL. */
const nullFolder = "__HIVE_DEFAULT_PARTITION__";

/** Bytes of a name on the usual file systems. */
const maxNameBytes = 255;

function serialize(text: string, type: DeltaStruct["fields"][number]["type"] | undefined): string {
  if (type === "timestamp") return text.replace(/\+00$/, "");
  if (type === "float" || type === "double") return javaNumbers.get(text) ?? text;
  return text;
}

const javaNumbers: ReadonlyMap<string, string> = new Map([
  ["nan", "NaN"],
  ["inf", "Infinity"],
  ["-inf", "-Infinity"],
]);

/** Encodes only what could not be in a name or would end it: some readers take the folder's name for the column's as it is. */
function encodeName(name: string): string {
  return name.replaceAll(process.platform === "win32" ? notInWindowsNames : notInNames, percentEncode);
}

const notInNames = /[/=\p{Cc}]/gu;
const notInWindowsNames = /[/=<>:"\\|?*\p{Cc}]/gu;

/** Encodes what the reference implementation does, and what Windows forbids: readers of folder names decode values. */
function encodeValue(value: string): string {
  return value.replaceAll(notInValues, percentEncode).replace(/[. ]$/, percentEncode);
}

const notInValues = /["#%'*/:=?\\{}[\]^<>|\p{Cc}]/gu;

function percentEncode(character: string): string {
  return Buffer.from(character).toString("hex").toUpperCase().replaceAll(/../g, "%$&");
}

/** Without `=`, so that who reads folder names misses the column, instead of taking a part of the value or NULL for the value. */
function namelessFolder(name: string, value: string | null): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([name, value]))
    .digest("hex");
  return `value-${digest.slice(0, 32)}`;
}
