// Parquet files, whose types are their own.
import type { FileFormat } from "../file-format.ts";
import { parquetRows } from "./relation.ts";

export const parquet: FileFormat<never, "parquet"> = {
  name: "parquet",
  summary: "how Parquet is read",
  variants: ["parquet"],
  extensions: { parquet: "parquet", pq: "parquet" },
  contentTypes: { parquet: /^application\/(?:vnd\.apache\.|x-)?parquet$/ },
  endsWithLine: false,
  archives: "none",
  isText: false,
  read: (session, files) => parquetRows(session, files),
};
