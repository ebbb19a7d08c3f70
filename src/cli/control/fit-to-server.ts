// Turns the texts of a command line into params of a job that a server knows, by the schema that the server gives.
import { z } from "zod";
import type { Json } from "../../store/rows/run-records.ts";
import type { ControlCalls } from "./control-plane.ts";
import { fitParams } from "../parse/fit-params.ts";
import type { GivenParams } from "../parse/parse-params.ts";

/** Where no schema is known, JSON is read wherever there is some. @throws MillraceError `JOB_UNKNOWN` when a text is given */
export async function fitToServer(
  plane: ControlCalls,
  job: string,
  given: GivenParams,
): Promise<Readonly<Record<string, Json>>> {
  return fitParams(given, given.texts.size === 0 ? [] : await loadSchemas(plane, job));
}

async function loadSchemas(plane: ControlCalls, job: string): Promise<readonly z.ZodType[]> {
  const { params_schema: schema } = await plane.call("showJob", { params: { job_name: job } });
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return [];
  try {
    return [z.fromJSONSchema(schema as z.core.JSONSchema.BaseSchema)];
  } catch {
    // A newer server may say what this program does not understand; the server checks the params in any case.
    return [];
  }
}
