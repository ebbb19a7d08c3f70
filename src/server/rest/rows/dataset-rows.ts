// Rows of datasets for people. What jobs of the purpose `authentication` publish is nobody's to look at.
import type { RowsView } from "../../../api/datasets/dataset.ts";
import type { ShownRows } from "../../../core/dataset/dataset-reader.ts";
import { toJson } from "../../../orchestrator/attempt/to-json.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import type { Handlers } from "../../handler.ts";
import { exportTypes } from "../../file-stream.ts";
import type { ServerServices } from "../../server-services.ts";
import { requireDataset } from "../datasets.ts";
import { toFileName } from "../delivery/figure-rows.ts";
import { assertPublished } from "./dataset-runs.ts";
import { assertOpen } from "./sealed-datasets.ts";

const defaultRows = 50;

export function createDatasetRowsHandlers(
  services: ServerServices,
): Handlers<"listDatasetRows" | "exportDataset" | "queryDatasets"> {
  return {
    async listDatasetRows({ params: { dataset }, query: { version, limit = defaultRows } }) {
      const latest = await requireDataset(services, dataset);
      assertOpen(services, [dataset]);
      if (latest === undefined) return { columns: [], items: [], has_more: false };
      return toView(await services.rows.head(dataset, { version, limit }));
    },
    async exportDataset({ params: { dataset }, query: { format } }, { signal }) {
      await assertPublished(services, dataset);
      assertOpen(services, [dataset]);
      const { bytes, size } = await services.rows.export(`select * from "${dataset.replaceAll('"', '""')}"`, {
        format,
        signal,
      });
      const contentType = exportTypes[format];
      return { kind: "file_stream", fileName: toFileName(dataset, format), contentType, size, bytes };
    },
    async queryDatasets({ body: { sql, limit = defaultRows } }, { signal }) {
      assertOpen(services, await services.rows.listTables(sql));
      return toView(await services.rows.query(sql, { limit, signal }));
    },
  };
}

function toView({ columns, rows, hasMore }: ShownRows): RowsView {
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    items: rows.map((row) => toJson(row) as Readonly<Record<string, Json>>),
    has_more: hasMore,
  };
}
