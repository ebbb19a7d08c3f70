// The one place that decides where a path of data leads: on this machine, behind the connection that is named with it, or in a bucket
// whose connection is found by its name.
import { findBucketConnection } from "../../connections/files/find-file-service.ts";
import { isDataAddress, parseDataAddress } from "../../core/dataset/data-address.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { resolveTargetPath } from "./project-path.ts";
import { parsePlace, printPlace, type RemotePlace } from "./recorded-place.ts";

/** A path as somebody writes it, with the connection that it may be behind. */
export interface WrittenPlace {
  readonly path: string;
  readonly connection?: string | undefined;
}

/** Where data is: a path of this machine as it was written, or a place behind a connection. */
export type DataPlace = { readonly local: string } | { readonly remote: RemotePlace };

/** @throws MillraceError `VALUE_INVALID` for an address beside a connection, or of another kind; `CONNECTION_UNKNOWN` for a bucket without a connection */
export function findDataPlace({ path, connection }: WrittenPlace): DataPlace {
  if (connection !== undefined) {
    if (!isDataAddress(path)) return { remote: { connection, path } };
    throw new MillraceError("VALUE_INVALID", `expected a path behind connection \`${connection}\`, got: \`${path}\``, {
      hint: "leave `connection` out, or write the key alone",
    });
  }
  const recorded = parsePlace(path);
  if (recorded !== undefined) return { remote: recorded };
  const address = parseDataAddress(path);
  if (address === undefined) return { local: path };
  if (address.kind === "file") return { local: address.path };
  return { remote: { connection: findBucketConnection(address.bucket), path: address.key } };
}

/** The absolute path of something that is to be written, or its recorded place. @throws MillraceError as `findDataPlace` and `resolveTargetPath` */
export function resolveDataPath(
  folders: { readonly root: string; readonly lake: string },
  written: WrittenPlace,
): string {
  const place = findDataPlace(written);
  return "local" in place ? resolveTargetPath(folders, place.local) : printPlace(place.remote);
}
