// Values of variables in steps. What differs from unit to unit follows from a column with the place of each row's unit; values
// are bound, and never become part of a statement.
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { SourceReading, SourceUnit } from "../../core/dataset/source.ts";
import type { VariableValue } from "../../core/dataset/variables.ts";
import { listVariables, parseTemplate, type Template } from "../requests/template.ts";
import { printJson } from "../requests/value-path.ts";
import { findVariable, renderText } from "../requests/variables.ts";

/** Column with the place of each row's unit, from 0, which sources add when they are asked to. */
export const unitColumn = "_millrace_unit";

/** Texts of steps with their values in each unit. */
export class UnitValues {
  readonly #values = new Map<string, readonly Value[]>();

  /**
   * @param texts of the steps, each with the place that names it in messages
   * @throws MillraceError `VARIABLE_UNRESOLVED` before anything is read
   */
  constructor(texts: readonly { readonly text: string; readonly where: string }[], { units }: SourceReading) {
    const all = units ?? [{ key: "", variables: {} }];
    for (const { text, where } of texts) {
      const template = parseTemplate(text, where);
      this.#values.set(text, narrow(all.map((unit) => valueIn(unit, template, where))));
    }
  }

  /** Whether it must be known of which unit each row is. */
  get needUnits(): boolean {
    return [...this.#values.values()].some((values) => values.length > 1);
  }

  /** SQL of the text's value in a row. */
  async bind(session: EngineSession, text: string): Promise<string> {
    const values = this.#values.get(text) ?? [];
    const [first = null] = values;
    if (values.length < 2) return await session.bind(first);
    const { list, type } = toList(values);
    return `from_json(${await session.bind(list)}, ${quoteLiteral(`["${type}"]`)})[${quoteIdentifier(unitColumn)} + 1]`;
  }
}

/** Names of the scopes whose values differ from unit to unit, or may. */
export function listUnitScopes(text: string, where: string): readonly string[] {
  const scopes = listVariables(parseTemplate(text, where)).map(({ path }) => path[0] ?? "");
  return scopes.filter((scope) => scope !== "params" && scope !== "config");
}

type Value = null | string | number | bigint | boolean;

/** A variable alone keeps its type. */
function valueIn({ variables }: SourceUnit, template: Template, where: string): Value {
  const [only] = template;
  if (template.length !== 1 || only === undefined || typeof only === "string") {
    return renderText(template, variables, where) ?? null;
  }
  return toValue(findVariable(only, variables, where));
}

function toValue(value: Exclude<VariableValue, null> | undefined): Value {
  if (value === undefined) return null;
  return typeof value === "object" ? printJson(value) : value;
}

function narrow(values: readonly Value[]): readonly Value[] {
  const [first = null] = values;
  return values.every((value) => value === first) ? [first] : values;
}

/** Values of one type in JSON; those of several types are text. */
function toList(values: readonly Value[]): { readonly list: string; readonly type: string } {
  const kinds = new Set(values.filter((value) => value !== null).map(kindOf));
  const [kind = "VARCHAR"] = kinds;
  const type =
    kinds.size === 1 ? kind : kinds.size === 2 && !kinds.has("VARCHAR") && !kinds.has("BOOLEAN") ? "DOUBLE" : "VARCHAR";
  const items = values.map((value) => (value === null || type !== "VARCHAR" ? value : String(value)));
  return { list: printJson(items), type };
}

function kindOf(value: Exclude<Value, null>): string {
  if (typeof value === "boolean") return "BOOLEAN";
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return "BIGINT";
  return typeof value === "number" ? "DOUBLE" : "VARCHAR";
}
