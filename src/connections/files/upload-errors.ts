// What an upload fails with, by the same words for every kind of place.
import { MillraceError } from "../../core/errors/errors.ts";

/** @returns what to throw where nothing may be replaced, and something is there */
export function alreadyThere(place: string): MillraceError {
  return new MillraceError("TARGET_CONFLICT", `there is a file already: \`${place}\``, {
    hint: "somebody else has written it; nothing was replaced",
  });
}

/** @returns what to throw when what was written is gone right behind it */
export function removedMeanwhile(place: string): MillraceError {
  return new MillraceError("TARGET_CONFLICT", `somebody has removed what was written: \`${place}\``);
}

/** @returns what to throw when a service has other bytes than it was sent */
export function otherBytes(place: string, hint: string): MillraceError {
  return new MillraceError("TARGET_UNREADABLE", `the service has got other bytes than were sent for \`${place}\``, {
    disposition: "retry",
    hint,
  });
}

/** @returns what to throw when a service has more or fewer bytes than it was sent */
export function otherLength(place: string, wanted: number, got: number): MillraceError {
  return new MillraceError("TARGET_UNREADABLE", `\`${place}\` has ${got} bytes there, and ${wanted} were sent`, {
    disposition: "retry",
  });
}

/** @returns what to throw where a service renames a file only to a name that is free */
export function cannotReplace(place: string, hint: string): MillraceError {
  return new MillraceError("TARGET_UNSUPPORTED", `the server cannot replace a file in one step: \`${place}\``, {
    hint,
  });
}
