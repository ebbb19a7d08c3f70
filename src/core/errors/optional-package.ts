// Packages that few need and that are large: people install them beside this one when they do.
import { MillraceError } from "./errors.ts";

/** Loads a package. @param use what it is needed for, such as `files in Arrow` @throws MillraceError `DEPENDENCY_MISSING` */
export async function loadOptional<Module>(name: string, use: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new MillraceError("DEPENDENCY_MISSING", `${use} need the package \`${name}\`, which could not be loaded`, {
      hint: `install it with \`npm install ${name}\``,
      cause,
    });
  }
}
