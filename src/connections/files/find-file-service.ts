// From the name of a connection to the place of files that it is. Only a root knows the connections of a project; it lends a way to
// find them.
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileService } from "./file-service.ts";

/** Finds a place of files by the name of its connection. @throws MillraceError `CONNECTION_UNKNOWN`, `CONFIG_INVALID`, `SECRET_MISSING` */
export type FindFileService = (connection: string) => Promise<FileService>;

let findOne: FindFileService | undefined;

/**
 * Called when a program starts; the connections are those of the whole process.
 * @returns what takes them back: whoever lent before is asked again
 */
export function lendFileServices(find: FindFileService): () => void {
  const before = findOne;
  findOne = find;
  return () => {
    if (findOne === find) findOne = before;
  };
}

/** The place of files; it is the lender's to close. @throws MillraceError as `FindFileService` */
export async function findFileService(connection: string): Promise<FileService> {
  if (findOne !== undefined) return await findOne(connection);
  throw new MillraceError("CONNECTION_UNKNOWN", `no connection is declared as \`${connection}\``, {
    hint: "declare it under `connections` of the configuration",
  });
}
