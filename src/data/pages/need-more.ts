// Thrown and caught within this folder, where the bytes that have come end within a value. It is no failure.
import { MillraceError } from "../../core/errors/errors.ts";

/** One for all, since it is thrown once for each part of an answer. */
export const needMore: Error = new MillraceError("INTERNAL", "a value goes on in bytes that have not come yet");
