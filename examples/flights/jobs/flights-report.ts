import { mkdir, rename, writeFile } from "node:fs/promises";
import { defineJob, z } from "millrace";
import { loadFindings } from "../report/load-findings.ts";
import { renderPage } from "../report/render-page.ts";
import { renderText } from "../report/render-text.ts";

export default defineJob({
  name: "flights_report",
  description: "the findings as a text table and as a page with charts, in out/",
  purpose: "aggregation",
  layer: "gold",
  inputs: [
    "raw_flights",
    "late_flights",
    "raw_flights_quarantine",
    "late_flights_quarantine",
    "delay_by_airport_day",
    "busiest_routes",
    "on_time_ranking",
  ],
  config: z.object({ topRoutes: z.int().min(1).default(10), topAirports: z.int().min(1).default(12) }),
  async execute(ctx) {
    ctx.progress({ operation: "reading the gold tables" });
    const findings = await loadFindings(ctx.data, ctx.config);
    ctx.progress({ operation: "drawing" });
    await mkdir(ctx.path("out"), { recursive: true });
    await publishFile(ctx.path("out/report.txt"), renderText(findings));
    await publishFile(ctx.path("out/report.html"), renderPage(findings));
    return { flights: findings.flights, page: "out/report.html" };
  },
});

// A reader sees the old file or the new one, never half of it.
async function publishFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}
