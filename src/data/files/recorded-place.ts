// How a file or folder behind a connection is recorded: as one text, so that it stands wherever a path of this machine may.

import { z } from "zod";

/** A file or folder behind a connection. */
export interface RemotePlace {
  readonly connection: string;
  /** As the service knows it. */
  readonly path: string;
}

/** How the place is recorded: the connection stands for the machine. */
export function printPlace({ connection, path }: RemotePlace): string {
  return `${mark}${connection}/${path}`;
}

/** The place of a recorded path; `undefined` for a path of this machine. */
export function parsePlace(recorded: string): RemotePlace | undefined {
  if (!recorded.startsWith(mark)) return undefined;
  const rest = recorded.slice(mark.length);
  const slash = rest.indexOf("/");
  return slash < 0 ? undefined : { connection: rest.slice(0, slash), path: rest.slice(slash + 1) };
}

/** Accepts recorded places in a file that outlives its process. */
export const recordedPlace: z.ZodString = z.string().refine((path) => parsePlace(path) !== undefined);

const mark = "connection:";
