// The table of a spec in the docs, in Markdown. Options of an object that has
// no description of its own get a row each: `database.schema`.
import { z } from "zod";
import { expectationOf, unwrap } from "./expectation.ts";
import { notesOf } from "./option-notes.ts";
import type { Spec } from "./spec.ts";

/** Without a line end behind the last row. @param base whose options have a table of their own */
export function toDocsTable(spec: Spec, base?: Spec): string {
  const own = Object.entries(spec.shape).filter(([name]) => base === undefined || !(name in base.shape));
  const rows = listRows(own, "").map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`);
  return ["| option | type | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

type Row = readonly [option: string, type: string, whenLeftOut: string, meaning: string];

function listRows(options: readonly (readonly [string, z.core.$ZodType])[], prefix: string): Row[] {
  return options.flatMap(([name, schema]): Row[] => {
    const inner = inlineShape(schema);
    if (inner !== undefined) return listRows(Object.entries(inner), `${prefix}${name}.`);
    return [[`\`${prefix}${name}\``, expectationOf(schema), defaultOf(schema), descriptionOf(schema) ?? ""]];
  });
}

function inlineShape(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const { def } = unwrap(schema)._zod;
  return def.type === "object" && descriptionOf(schema) === undefined ? def.shape : undefined;
}

function descriptionOf(schema: z.core.$ZodType): string | undefined {
  return z.globalRegistry.get(schema)?.description;
}

/** The value in force when the option is left out, as a person would write it. */
function defaultOf(schema: z.core.$ZodType): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "default" || def.type === "prefault") return `\`${JSON.stringify(def.defaultValue)}\``;
  const { whenLeftOut } = notesOf(schema);
  if (whenLeftOut !== undefined) return whenLeftOut;
  return schema._zod.optin === undefined ? "required" : "none";
}

function escapeCell(cell: string): string {
  return cell.replaceAll("|", String.raw`\|`);
}
