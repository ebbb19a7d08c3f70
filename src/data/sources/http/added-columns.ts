// Columns that an answer gives to all of its rows: out of its headers, of what it has beside its rows, and of the request. An answer
// without a body is one row of its headers. Such an answer is held in memory while it is read.
import type { VariableValue, Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { JsonPageSplitter, type SplitPage } from "../../pages/json-page-splitter.ts";
import type { RowsPath } from "../../pages/rows-path.ts";
import { unmarkNumbers } from "../../pages/row-runs.ts";
import { parseValue, type ParsedValue, renderJson } from "../../requests/request-body.ts";
import { parseExactJson, printJson, toValuePath, valueAt } from "../../requests/value-path.ts";
import type { PageBody, PageOptions, PageRows, ReadPage } from "../page-rows.ts";
import type { HttpReadOptions } from "./options.ts";

type Added = Pick<HttpReadOptions, "headers" | "envelope" | "values">;

/** Whether answers give columns to their rows. */
export function addsColumns({ headers, envelope, values }: Added): boolean {
  return headers !== undefined || envelope !== undefined || values !== undefined;
}

/** Reads answers, adds the columns to their rows, and hands those on. */
export class AddingPageRows implements PageRows {
  /** What texts of `values` stand for; set before each answer. */
  variables: Variables = {};
  readonly #added: Added;
  readonly #options: PageOptions;
  readonly #rows: PageRows;
  readonly #values: readonly (readonly [column: string, value: ParsedValue])[];

  /** @param open opens what reads a plain list of rows */
  constructor(added: Added, options: PageOptions, open: (options: PageOptions) => PageRows) {
    this.#added = added;
    this.#options = options;
    const { keyColumn: _, ...plain } = options;
    this.#rows = open({ ...plain, path: listOfRows });
    this.#values = Object.entries(added.values ?? {}).map(([column, text]) => [column, parseValue(text, where)]);
  }

  async read(page: PageBody, name: string): Promise<ReadPage> {
    const { split, lines } = await this.#split(page, name);
    const envelope = split.envelope === "" ? undefined : parseExactJson(split.envelope);
    const members = lines.length === 0 ? [] : this.#members(page, envelope, name);
    const list = `[${lines.map((line) => addMembers(line, members)).join(",")}]`;
    const read = await this.#rows.read({ body: toBody(list), isEndKnown: true }, name);
    const problem = split.problem === undefined ? {} : { problem: split.problem };
    return { ...read, ...problem, envelope };
  }

  keep(): void {
    this.#rows.keep();
  }

  discard(): void {
    this.#rows.discard();
  }

  beginUnit(unit: number): () => void {
    return this.#rows.beginUnit(unit);
  }

  async tellUnits(...args: Parameters<PageRows["tellUnits"]>): ReturnType<PageRows["tellUnits"]> {
    return await this.#rows.tellUnits(...args);
  }

  join(other: this): void {
    this.#rows.join(other.#rows);
  }

  async finish(...args: Parameters<PageRows["finish"]>): ReturnType<PageRows["finish"]> {
    return await this.#rows.finish(...args);
  }

  [Symbol.dispose](): void {
    this.#rows[Symbol.dispose]();
  }

  /** The rows of the answer, each as JSON text. */
  async #split(
    { body }: PageBody,
    name: string,
  ): Promise<{ readonly split: Pick<SplitPage, "envelope" | "problem">; readonly lines: readonly string[] }> {
    const { path, isOptional, keyColumn } = this.#options;
    const splitter = new JsonPageSplitter({ path, isOptional, ...(keyColumn === undefined ? {} : { keyColumn }) });
    const parts: Buffer[] = [];
    let bytes = 0;
    splitter.begin(name, 1, {
      write: (part) => void parts.push(Buffer.from(part)),
      endLine: () => void parts.push(lineEnd),
    });
    for await (const part of body) {
      bytes += part.length;
      if (bytes > maxBytes) throw tooLarge(name);
      splitter.push(part);
    }
    if (bytes === 0 && this.#added.headers !== undefined)
      return { split: { envelope: "", problem: undefined }, lines: ["{}"] };
    const split = splitter.end();
    const text = unmarkNumbers(Buffer.concat(parts).toString());
    return { split, lines: text.split("\n").filter((line) => line.trim() !== "") };
  }

  #members(page: PageBody, envelope: VariableValue | undefined, name: string): readonly Member[] {
    const { headers = {}, envelope: fields = {} } = this.#added;
    const found = [
      ...Object.entries(headers).map(([column, header]): Found => {
        const value = page.headers?.[withoutMark(header).toLowerCase()];
        return [column, value, `header \`${withoutMark(header)}\``, header];
      }),
      ...Object.entries(fields).map(([column, path]): Found => {
        const value = valueAt(envelope, toValuePath(withoutMark(path)));
        return [column, value, `field \`${withoutMark(path)}\``, path];
      }),
    ];
    const members = found.map(([column, value, what, declared]): Member => {
      if (value === undefined && !declared.endsWith("?")) throw missing(name, what);
      return [column, printJson(value ?? null)];
    });
    return [...members, ...this.#values.map(([column, value]): Member => [column, this.#render(value)])];
  }

  #render(value: ParsedValue): string {
    return renderJson(value, this.variables, where);
  }
}

type Member = readonly [column: string, json: string];
type Found = readonly [column: string, value: VariableValue | undefined, what: string, declared: string];

const where = "`values` of `read` of the source";
const listOfRows: RowsPath = { kind: "rows", names: [] };
const maxBytes = 64 * 1024 ** 2;

/** The row with the members that it does not have itself. */
function addMembers(row: string, members: readonly Member[]): string {
  const parsed: unknown = JSON.parse(row);
  // what is no object is refused by whoever reads the rows
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return row;
  const added = members.filter(([column]) => !Object.hasOwn(parsed, column));
  if (added.length === 0) return row;
  const text = added.map(([column, json]) => `${JSON.stringify(column)}:${json}`).join(",");
  const isEmpty = Object.keys(parsed).length === 0;
  return `${row.slice(0, row.lastIndexOf("}"))}${isEmpty ? "" : ","}${text}}`;
}

function withoutMark(name: string): string {
  return name.endsWith("?") ? name.slice(0, -1) : name;
}

async function* toBody(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function missing(name: string, what: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `${name}: the answer has no ${what}`, {
    hint: "compare the answer with the documentation of the service; write a `?` behind the name if it may be absent",
  });
}

function tooLarge(name: string): MillraceError {
  const size = `${maxBytes / 1024 ** 2} MiB`;
  return new MillraceError(
    "RESPONSE_TOO_LARGE",
    `${name}: an answer that gives columns to its rows has more than ${size}`,
    {
      hint: "ask for smaller pages, or take the columns out of `read`",
    },
  );
}

const lineEnd = Buffer.from("\n");
