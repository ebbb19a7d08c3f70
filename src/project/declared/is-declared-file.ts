// Tells files that declare jobs by their name, without loading what reads them.

/** `*.job.yaml`, `*.job.yml` and `*.job.json`. */
export function isDeclaredFile(file: string): boolean {
  return /\.job\.(?:ya?ml|json)$/.test(file);
}
