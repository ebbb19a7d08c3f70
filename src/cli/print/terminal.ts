// The terminal as the commands see it: data on stdout, everything else on stderr, colour only where it is wanted.
import { type Environment, listSecrets } from "../../config.ts";
import { createSecretRedactor } from "../../core/errors/secret-redactor.ts";
import { type JsonDocumentOptions, toJsonDocument } from "./json-document.ts";

export { printable } from "../../core/printable.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const styleCodes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export interface Terminal {
  /** A line of data. */
  out(line?: string): void;
  /** An object as a line of JSON, see json-document.ts. */
  json(value: object, options?: JsonDocumentOptions): void;
  /** A line for the person: progress, notices, errors. */
  note(line?: string): void;
  /** Text in place on stderr, for progress bars; no line end is added. */
  draw(text: string): void;
  /** Colours text for stderr where that is a terminal and `NO_COLOR` is not set. */
  style(style: Style, text: string): string;
  /** The same for stdout. */
  styleOut(style: Style, text: string): string;
  /** Whether progress may be drawn in place. */
  readonly interactive: boolean;
  /** Columns; 100 when it is no terminal or one without a size. */
  readonly width: number;
  /** Lines; 40 when it is no terminal or one without a size. */
  readonly height: number;
}

/**
 * The process's own terminal. A reader that goes away (`| head`) is no error. Secrets of the environment are masked wherever
 * they turn up.
 */
export function createTerminal(environment: Environment): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  const paint = (stream: NodeJS.WriteStream, style: Style, text: string): string => {
    if (!environment.color || stream.isTTY !== true) return text;
    return `\u001b[${styleCodes[style][0]}m${text}\u001b[${styleCodes[style][1]}m`;
  };
  const redactor = createSecretRedactor(listSecrets(environment));
  const out = (line = ""): void => void process.stdout.write(`${redactor.redactText(line)}\n`);
  return {
    out,
    json: (value, options) => out(toJsonDocument(value, options)),
    note: (line = "") => void process.stderr.write(`${redactor.redactText(line)}\n`),
    draw: (text) => void process.stderr.write(redactor.redactText(text)),
    style: (style, text) => paint(process.stderr, style, text),
    styleOut: (style, text) => paint(process.stdout, style, text),
    interactive: process.stderr.isTTY === true && !environment.ci,
    get width() {
      // A terminal that nobody gave a size says 0.
      return process.stdout.columns || process.stderr.columns || 100;
    },
    get height() {
      return process.stderr.rows || 40;
    },
  };
}
