// Where the rows that break a check are kept, below the folder of samples.

export function sampleFile(check: string): string {
  return `${check.replaceAll(/[^a-zA-Z0-9_-]+/g, "_")}.json`;
}
