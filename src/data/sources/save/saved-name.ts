// The name that a file gets: that of the file, or the one that the job makes of variables. No name leads anywhere but below the folder.
import type { Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { renderPath } from "../../requests/render-path.ts";
import type { DeliveredFile } from "../file-format.ts";
import type { SaveOptions } from "./options.ts";

/** Where a file goes. */
export interface SavedName {
  /** Below the folder. */
  readonly name: string;
  /** As the place knows it. */
  readonly to: string;
}

/** @throws MillraceError `VALUE_INVALID` for a name that is no name below the folder, `VARIABLE_UNRESOLVED` */
export function nameSaved(file: DeliveredFile, { path, name, from }: SaveOptions, variables: Variables): SavedName {
  const folder = render(path, variables, "path");
  const own = name === undefined ? ownName(file, from) : render(name, variables, "name");
  assertName(own, file.name);
  return { name: own, to: folder === "" || folder.endsWith("/") ? `${folder}${own}` : `${folder}/${own}` };
}

/** The text of an option that may have variables. */
export function render(text: string, variables: Variables, option: keyof SaveOptions): string {
  const where = `\`${option}\` of \`save\` of the source`;
  const rendered = renderPath(text, variables, where);
  if (rendered !== undefined) return rendered;
  throw new MillraceError("VARIABLE_UNRESOLVED", `${where} has a variable that is absent`);
}

function ownName({ name, facts, innerName }: DeliveredFile, from: string | undefined): string {
  const whole = from === undefined ? facts.below : belowFolder(facts.path, from, name);
  return innerName === undefined ? whole : `${whole.slice(0, whole.lastIndexOf("/") + 1)}${innerName}`;
}

function belowFolder(path: string, from: string, name: string): string {
  const folder = from.endsWith("/") ? from : `${from}/`;
  if (path.startsWith(folder)) return path.slice(folder.length);
  throw new MillraceError(
    "VALUE_INVALID",
    `\`${name}\` does not lie below \`${from}\`, which \`from\` of \`save\` says`,
  );
}

function assertName(name: string, file: string): void {
  const parts = name.split("/");
  const isSafe = parts.every((part) => part !== "" && part !== "." && part !== "..") && !/[\0\\]/.test(name);
  if (isSafe) return;
  const shown = name.replaceAll("\0", String.raw`\0`);
  throw new MillraceError("VALUE_INVALID", `\`${file}\` cannot be put elsewhere under the name \`${shown}\``, {
    hint: "a name is relative, has no empty part, and none that is `.` or `..`; make one with `name` of `save`",
  });
}
