// How files are packed: from their names, or as a source says.

/** What can be undone, by its name. */
export const codecs = ["gzip", "zstd", "brotli", "deflate", "zip", "gpg"] as const;

export type Codec = (typeof codecs)[number];

const byExtension: Readonly<Record<string, Codec>> = {
  gz: "gzip",
  gzip: "gzip",
  zst: "zstd",
  zstd: "zstd",
  br: "brotli",
  zz: "deflate",
  zip: "zip",
  gpg: "gpg",
  pgp: "gpg",
};

/** Extensions of packed files that nothing here unpacks. Their bytes would look like data. */
const unknown: ReadonlySet<string> = new Set(["bz2", "xz", "lzma", "lz4", "lzo", "sz", "7z", "rar", "tar", "tgz", "z"]);

/** A name without the extensions of what it is packed with. */
export interface PackedName {
  readonly inner: string;
  /** The outermost first. */
  readonly layers: readonly Codec[];
  /** An extension of something that cannot be unpacked. */
  readonly refused?: string;
}

/** Takes a name apart: `orders.csv.gz.gpg` is `orders.csv` in gzip in GPG. */
export function parsePackedName(name: string): PackedName {
  const layers: Codec[] = [];
  let inner = name;
  for (;;) {
    const extension = /\.(\w+)$/.exec(inner)?.[1];
    const codec = byExtension[extension?.toLowerCase() ?? ""];
    if (extension === undefined) return { inner, layers };
    if (unknown.has(extension.toLowerCase())) return { inner, layers, refused: extension };
    if (codec === undefined) return { inner, layers };
    layers.push(codec);
    inner = inner.slice(0, -extension.length - 1);
  }
}
