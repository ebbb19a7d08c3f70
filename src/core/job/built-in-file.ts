// Names the file that stands for the built-in jobs, which every project has without a file of its own.

/** Stands where the name of a file would. */
export const builtInFile: string = "millrace";
