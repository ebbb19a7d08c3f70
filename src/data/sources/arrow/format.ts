// Arrow files and streams, and Feather 2, which is such a file; their types are their own.
import type { FileFormat } from "../file-format.ts";

export const arrow: FileFormat<never, "arrow"> = {
  name: "arrow",
  summary: "how Arrow is read",
  variants: ["arrow"],
  extensions: { arrow: "arrow", arrows: "arrow", feather: "arrow", ipc: "arrow" },
  contentTypes: { arrow: /^application\/(?:vnd\.apache\.)?arrow(?:\.(?:file|stream))?$/ },
  endsWithLine: false,
  archives: "none",
  isText: false,
  read: async (session, files, { spool }) => await (await import("./relation.ts")).arrowRows(session, files, spool),
};
