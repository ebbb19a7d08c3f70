// Rows of a dataset as values of variables. Numbers keep their digits: a decimal is no double on its way into a body.
import { type EngineType, parseEngineType } from "../../compute/engine-type.ts";
import type { Column, Row } from "../../compute/engine.ts";
import { ExactNumber, type VariableValue } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** A row of a payload, with its fields in the order of the columns. */
export type PayloadRow = Readonly<Record<string, VariableValue>>;

/**
 * Compiles one converter a column.
 * @returns what reads a row of the engine. @throws MillraceError `INPUT_INVALID` for a value that no request can carry
 */
export function createPayloadReader(columns: readonly Column[], input: string): (row: Row) => PayloadRow {
  const converters = columns.map(({ name, type }) => {
    const where = `column \`${name}\` of input \`${input}\``;
    return [name, converterFor(parseEngineType(type), where)] as const;
  });
  return (row) => Object.fromEntries(converters.map(([name, convert]) => [name, convert(row[name])]));
}

type Converter = (value: unknown) => VariableValue;

function converterFor(type: EngineType, where: string): Converter {
  switch (type.kind) {
    case "list": {
      const element = converterFor(type.element, where);
      return nullOr((value) => (value as readonly unknown[]).map(element));
    }
    case "struct": {
      const fields = type.fields.map(({ name = "", type: inner }) => [name, converterFor(inner, where)] as const);
      return nullOr((value) =>
        Object.fromEntries(fields.map(([name, convert]) => [name, convert((value as Row)[name])])),
      );
    }
    case "map": {
      const convert = converterFor(type.value, where);
      return nullOr((value) =>
        Object.fromEntries(Object.entries(value as Row).map(([key, field]) => [key, convert(field)])),
      );
    }
    case "union":
      return nullOr((value) => value as VariableValue);
    case "scalar":
      return nullOr(scalarConverter(type.name, where));
  }
}

function scalarConverter(type: string, where: string): Converter {
  if (type === "DECIMAL") return (value) => new ExactNumber(String(value));
  return (value) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (typeof value !== "number" || Number.isFinite(value)) return value as VariableValue;
    throw new MillraceError("INPUT_INVALID", `${where} has a number that JSON cannot hold: \`${value}\``, {
      hint: "leave such rows out of the dataset, or make the value null",
    });
  };
}

function nullOr(convert: Converter): Converter {
  return (value) => (value === null || value === undefined ? null : convert(value));
}
