// Files that one side writes and the other one reads: each has its name only when all of it is there, and answers are named after the
// checksum of their bytes, so that half of one is never taken for a whole.
import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Writes JSON, whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, Buffer.from(JSON.stringify(value)));
}

/** @throws Error when it is not there, or is no JSON */
export function readJson<Value>(path: string): Value {
  return JSON.parse(readFileSync(path, "utf8")) as Value;
}

/** Puts the answer of a task into a folder. @returns the name of its file */
export function writeAnswer(folder: string, task: number, value: unknown): string {
  const { name, text } = encodeAnswer(task, value);
  putAnswer(folder, name, text);
  return name;
}

/** An answer as text, and the name of its file. */
export function encodeAnswer(task: number, value: unknown): { readonly name: string; readonly text: string } {
  const text = JSON.stringify(value);
  return { name: `${task}-${randomUUID().slice(0, 8)}-${sha256Of(Buffer.from(text))}.json`, text };
}

/** Puts an answer that was encoded into a folder. */
export function putAnswer(folder: string, name: string, text: string): void {
  writeWhole(join(folder, name), Buffer.from(text));
}

/** An answer by its name; `undefined` when its bytes are not those that were written. */
export function readAnswer<Value>(folder: string, name: string): Value | undefined {
  try {
    const bytes = readFileSync(join(folder, name));
    const [, , sha256] = basename(name, ".json").split("-");
    return sha256Of(bytes) === sha256 ? (JSON.parse(bytes.toString()) as Value) : undefined;
  } catch {
    // it is gone, or was never there: the task is done again
    return undefined;
  }
}

/** The task of an answer or a failure, from the name of its file. */
export function taskOf(name: string): number {
  return Number.parseInt(name, 10);
}

/** Names of the JSON files in a folder, by their tasks. */
export function listAnswers(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted((a, b) => taskOf(a) - taskOf(b));
}

/** In hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.partial`);
  const handle = openSync(draft, "wx");
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, path);
}
