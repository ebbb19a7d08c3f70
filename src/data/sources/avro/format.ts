// Avro files, whose types are their own.
import type { FileFormat } from "../file-format.ts";

export const avro: FileFormat<never, "avro"> = {
  name: "avro",
  summary: "how Avro is read",
  variants: ["avro"],
  extensions: { avro: "avro" },
  contentTypes: { avro: /^(?:application\/(?:vnd\.apache\.|x-)?avro(?:-binary)?|avro\/binary)$/ },
  endsWithLine: false,
  archives: "none",
  isText: false,
  read: async (session, files, { spool }) => await (await import("./relation.ts")).avroRows(session, files, spool),
};
