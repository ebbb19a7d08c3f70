// The table of a spec in the docs, in Markdown. Options of an object that has no spec of its own get a row each, `database.schema`.
import { z } from "zod";
import { expectationOf, unwrap } from "./expectation.ts";
import { notesOf } from "./option-notes.ts";
import type { Spec } from "./spec.ts";

/** Without a line end behind the last row. */
export function toDocsTable(spec: Spec): string {
  const rows = listRows(spec.shape, "").map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`);
  return ["| option | type | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** What stands between `<!-- options: name -->` and `<!-- /options -->` is replaced by the table of that name. */
export function fillTables(document: string, tables: ReadonlyMap<string, string>): string {
  return document.replaceAll(
    /(<!-- options: (.+?) -->\n)[^]*?(<!-- \/options -->)/g,
    (whole, start: string, name: string, end: string) => {
      const table = tables.get(name);
      return table === undefined ? whole : `${start}${table}\n${end}`;
    },
  );
}

/** Names of the tables that a document has a place for. */
export function listTables(document: string): string[] {
  return [...document.matchAll(/<!-- options: (.+?) -->/g)].map(([, name = ""]) => name);
}

type Row = readonly [option: string, type: string, whenLeftOut: string, meaning: string];

function listRows(shape: Readonly<Record<string, z.core.$ZodType>>, prefix: string): Row[] {
  return Object.entries(shape).flatMap(([name, schema]): Row[] => {
    const inner = inlineShape(schema);
    if (inner !== undefined) return listRows(inner, `${prefix}${name}.`);
    const meaning = z.globalRegistry.get(schema)?.description ?? "";
    return [[`\`${prefix}${name}\``, expectationOf(schema), defaultOf(schema), meaning]];
  });
}

function inlineShape(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const inner = unwrap(schema);
  const { def } = inner._zod;
  return def.type === "object" && notesOf(inner).expected === undefined ? def.shape : undefined;
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
