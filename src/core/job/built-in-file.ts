// Where jobs come from that every project has, in place of a file of the project.

/** Stands where the name of a file would. */
export const builtInFile: string = "millrace";
