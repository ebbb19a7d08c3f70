// The second way to processes on executors, where Spark refuses `transform`: `mapInArrow` with a function of Python that starts them. It
// needs no client in Python: the function is text, in a pickle that is written here.
// @see https://docs.python.org/3/library/pickle.html
import { rootPlan } from "../connect/connect-requests.ts";
import { MessageWriter } from "../connect/message-writer.ts";

export interface PythonBridge {
  /** Where the file that starts processes may be, below the folder of files; none for a command that needs none. */
  readonly files: readonly string[];
  /** What is started; the file is put behind the first of them. */
  readonly command: readonly [string, ...string[]];
  /** At least one. */
  readonly tasks: number;
  /** Of the Python on executors, such as `3.11`: another one is refused. */
  readonly python: string;
}

/** A plan that starts a process for each number below `tasks`, and gives the lines that they write, as `line`. */
export function bridgePlan({ files, command, tasks, python }: PythonBridge): Uint8Array {
  const sql = `select id from range(0, ${tasks}, 1, ${tasks})`;
  const columns = [{ name: "line", type: arrowColumn.text }];
  return rootPlan(mapInArrow({ sql, source, names: { files, command }, columns, python }).finish());
}

/** Kinds of columns that a function may give, by their fields in the protocol. */
export const arrowColumn = { long: 7, text: 11 } as const;

export interface MapInArrow {
  /** What the function is called with. */
  readonly sql: string;
  /** Defines `run(batches)`, which yields batches of `columns`. */
  readonly source: string;
  /** Names that the source finds, with what they are; JSON without `true`, `false` and `null`. */
  readonly names: Readonly<Record<string, unknown>>;
  readonly columns: readonly { readonly name: string; readonly type: (typeof arrowColumn)[keyof typeof arrowColumn] }[];
  /** Of the Python on executors, such as `3.11`. */
  readonly python: string;
}

/** A relation of the rows that a function of Python gives for those of a query. */
export function mapInArrow({ sql, source: text, names, columns, python }: MapInArrow): MessageWriter {
  const row = new MessageWriter();
  for (const { name, type } of columns) {
    const kind = new MessageWriter().message(type, new MessageWriter());
    row.message(1, new MessageWriter().text(1, name).message(2, kind).flag(3, true));
  }
  const rows = new MessageWriter().message(21, row);
  const udf = new MessageWriter().message(1, rows).whole(2, mapArrowIter).bytes(3, pickle(text, names));
  const call = new MessageWriter().text(1, "millrace").flag(2, false).message(4, udf.text(4, python));
  const input = new MessageWriter().message(10, new MessageWriter().text(1, sql));
  return new MessageWriter().message(28, new MessageWriter().message(1, input).message(2, call));
}

/** The version of Python that an executor has, from what it refuses another one with. */
export function pythonIn(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const [, version] = /PYTHON_VERSION_MISMATCH[^]*?version: ?'?(\d+\.\d+)/.exec(current.message) ?? [];
    if (version !== undefined) return version;
  }
  return undefined;
}

/** `SQL_MAP_ARROW_ITER_UDF` */
const mapArrowIter = 207;

/** The end of what a process says is in the error: Spark has no other place for it. */
const source = `
def run(batches):
    import os, subprocess
    import pyarrow
    from pyspark.core.files import SparkFiles
    root = SparkFiles.getRootDirectory()
    found = [path for path in (os.path.join(root, name) for name in files) if os.path.isfile(path)]
    if files and not found:
        raise RuntimeError("millrace: the code is not on this executor: exited with status 64")
    for batch in batches:
        for number in batch.column(0).to_pylist():
            child = subprocess.Popen(
                command[:1] + found[:1] + command[1:],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            try:
                out, err = child.communicate(b"%d\\n" % number)
            finally:
                child.kill()
                child.wait()
            if child.returncode != 0:
                said = err[-2000:].decode("utf-8", "replace")
                raise RuntimeError("millrace: subprocess exited with status %d. %s" % (child.returncode, said))
            lines = out.decode("utf-8").splitlines()
            yield pyarrow.RecordBatch.from_arrays([pyarrow.array(lines, pyarrow.string())], ["line"])
`;

/** The function and the type of its rows, which nobody asks for: a tuple, in the oldest form of pickles, which is text. */
function pickle(text: string, names: Readonly<Record<string, unknown>>): Uint8Array {
  const make = `(lambda names: (exec(${JSON.stringify(text)}, names), names["run"])[1])(${JSON.stringify(names)})`;
  return Buffer.from(`(cbuiltins\neval\n(V${make}\ntRNt.`, "latin1");
}
