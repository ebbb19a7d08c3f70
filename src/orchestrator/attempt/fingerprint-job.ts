// A short name for the code of a job, so that a change between two attempts of a run is noticed.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Job } from "../../core/job/job.ts";

/** 16 hex digits over the text of its functions and its schemas. What its functions call is not looked into. */
export function fingerprintJob(job: Job): string {
  const text = [...job.codeText(), describeSchema(job.config), describeSchema(job.params)].join("\n\0\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function describeSchema(schema: z.ZodType): string {
  try {
    return JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any", cycles: "ref", io: "input" }));
  } catch {
    // A schema that JSON Schema has no words for says nothing here.
    return "";
  }
}
