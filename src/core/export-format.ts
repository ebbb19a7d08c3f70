// Formats of files that people are given rows in.

export type ExportFormat = (typeof exportFormats)[number];

export const exportFormats = ["csv", "parquet"] as const;

/** Whether columns keep their types in it; in the others they are text. */
export function keepsTypes(format: ExportFormat): boolean {
  return format === "parquet";
}
