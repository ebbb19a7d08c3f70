// Files that are made from others on their way to the engine. They have numbers for names, so that nothing that a delivery is
// called ever becomes a path; messages and rows have the names of the files that were delivered.
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SourceRows } from "./source-rows.ts";

/** A file and what people call it. */
export interface NamedFile {
  /** Absolute. */
  readonly path: string;
  /** The path of a file that is read as it is; what a file of a spool was made from. */
  readonly name: string;
  /** Place of the unit that it is read for, from 0, where that has to be known. */
  readonly unit?: number;
  readonly facts?: FileFacts;
}

/** What whoever has found a file knows of it. */
export interface FileFacts {
  /** What a job names it by: a path, a key, an address. */
  readonly path: string;
  /** Its name, with the folders below the one that its pattern begins in. */
  readonly below: string;
  readonly modifiedAtMs?: number;
  /** Another text when the content is another one. */
  readonly version?: string;
  /** Which answer of a unit it is, from 1. */
  readonly page?: number;
}

/** Files of one step, such as those that were unpacked. */
export class FileSpool {
  readonly #folder: string;
  readonly #names: string[] = [];

  /** @param spool folder that the caller deletes; it is made when it is needed */
  constructor(spool: string) {
    this.#folder = join(spool, randomUUID());
  }

  /** The path of a file that is to be made. @param name of what it stands for @param extension without a dot */
  async add(name: string, extension: string): Promise<NamedFile> {
    if (this.#names.length === 0) await mkdir(this.#folder, { recursive: true });
    this.#names.push(name);
    return { path: join(this.#folder, `${String(this.#names.length).padStart(7, "0")}.${extension}`), name };
  }

  /** A text with the names of files in the place of their paths. */
  restore(text: string): string {
    const folder = join(this.#folder, "/").replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    const paths = new RegExp(`${folder}(\\d+)\\.\\w+`, "g");
    return text.replaceAll(paths, (path, number: string) => this.#names[Number(number) - 1] ?? path);
  }

  /** What `work` fails with names the files by their names. */
  async naming<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#restoreError(error);
    }
  }

  /** Rows that were read from files of the spool, for people who do not know of it. */
  rename(rows: SourceRows): SourceRows {
    if (this.#names.length === 0) return rows;
    const { nameSql } = rows;
    return {
      ...rows,
      warnings: rows.warnings.map((warning) => this.restore(warning)),
      nameSql: (path) => this.#nameSql(nameSql === undefined ? path : nameSql(path)),
      explain: async (error) => this.#restoreError(rows.explain === undefined ? error : await rows.explain(error)),
    };
  }

  #nameSql(path: string): string {
    const names = `[${this.#names.map(quoteLiteral).join(", ")}]`;
    const folder = join(this.#folder, "/");
    const number = `CAST(regexp_extract(substr(${path}, ${folder.length + 1}), '^[0-9]+') AS INTEGER)`;
    return `CASE WHEN starts_with(${path}, ${quoteLiteral(folder)}) THEN ${names}[${number}] ELSE ${path} END`;
  }

  #restoreError(error: unknown): unknown {
    if (!(error instanceof MillraceError)) return error;
    const message = this.restore(error.message);
    if (message === error.message) return error;
    const { code, disposition, errorClass, retryAfterMs, hint, details, cause } = error;
    return new MillraceError(code, message, {
      disposition,
      errorClass,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(hint === undefined ? {} : { hint: this.restore(hint) }),
      ...(details === undefined ? {} : { details }),
      cause,
    });
  }
}
