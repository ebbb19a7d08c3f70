// Which answers are taken apart while they come, and which are files.
import type { NamedFormat } from "../format-registry.ts";
import type { HttpReadOptions } from "./options.ts";

/** Whether each answer is a file, and not something with rows in it and more beside them. */
export function isFilePages({ format, variant }: NamedFormat, { codec, encoding }: HttpReadOptions = {}): boolean {
  return format.pages?.variants.includes(variant) !== true || codec !== undefined || encoding !== undefined;
}
