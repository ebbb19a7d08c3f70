// Makes the folder of a component, which works as it is, with its test, its line in the list and its table in the documents. What is
// there is never written over.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { outputSpec } from "../../src/data/dataset-output.ts";
import { sourceSpec } from "../../src/data/sources/source-options.ts";
import { runCommand } from "../phase-runner.ts";

/** What can be made. */
interface Component {
  /** Holds a folder for each. */
  readonly folder: string;
  /** The list, in `folder`. */
  readonly list: string;
  /** The file that the list exports the component from. */
  readonly port: string;
  /** Options that a job says beside it, whose names are taken. */
  readonly options: () => object;
  /** What its author does with it. */
  readonly next: readonly string[];
}

const components: ReadonlyMap<string, Component> = new Map([
  [
    "source",
    {
      folder: "src/data/sources",
      list: "sources.ts",
      port: "source.ts",
      options: () => sourceSpec.shape,
      next: [
        "options.ts: what a job says of it; relation.ts: how its rows are found, by the contract of src/data/source.ts",
        "vitest run --project unit",
      ],
    },
  ],
  [
    "target",
    {
      folder: "src/data/targets",
      list: "targets.ts",
      port: "format.ts",
      options: () => outputSpec.shape,
      next: [
        "target.ts: how rows are written, relation.ts: how they are read again, by the contract of src/data/target.ts",
        "vitest run --project conformance",
      ],
    },
  ],
]);

/** What has no contract yet, and where its code would find one. */
const uncontracted: ReadonlyMap<string, string> = new Map([
  [
    "platform",
    "what a platform gives is asked for by `src/orchestrator/isolation/`, and only `src/platforms/local/` gives it",
  ],
  ["exporter", "pipelines are exported to nothing"],
  ["notifier", "runs are told to the function `notify` of the configuration"],
]);

const root = resolve(import.meta.dirname, "..", "..");

/** Makes a source or a target. @throws Error that says what to write instead */
export async function createComponent(kind: string, name: string): Promise<void> {
  const component = findComponent(kind);
  assertName(name, component);
  const folder = join(root, component.folder, name);
  if (existsSync(folder)) throw new Error(`${component.folder}/${name}/ is there already`);
  await writeSkeleton(join(import.meta.dirname, kind), folder, name);
  await addLine(join(root, component.folder, component.list), `export { ${name} } from "./${name}/${component.port}";`);
  await runCommand(["oxfmt", join(component.folder, name)]);
  await runCommand(["node", "--conditions=millrace-source", "scripts/write-docs.ts"]);
  console.log(
    [`made ${component.folder}/${name}/ and its line in ${component.list}; now:`, ...component.next].join("\n  "),
  );
}

function findComponent(kind: string): Component {
  const found = components.get(kind);
  if (found !== undefined) return found;
  const known = [...components.keys()].join("` or `");
  const reason = uncontracted.get(kind);
  if (reason === undefined) throw new Error(`expected \`${known}\`, got: \`${kind}\``);
  throw new Error(`there is no contract of ${kind}s yet: ${reason}. What can be made is \`${known}\``);
}

function assertName(name: string, { options }: Component): void {
  const isWord = /^[a-z][a-z0-9]*$/.test(name) && parseSync("name.ts", `export const ${name} = 1;`).errors.length === 0;
  if (!isWord)
    throw new Error(`expected a name of small letters and digits that is free in TypeScript, got: \`${name}\``);
  if (name in options()) throw new Error(`there is such an option already: \`${name}\``);
}

async function writeSkeleton(from: string, to: string, name: string): Promise<void> {
  await mkdir(to);
  for (const file of await readdir(from)) {
    const text = await readFile(join(from, file), "utf8");
    await writeFile(join(to, file.replace(/\.txt$/, "")), rename(text, name));
  }
}

/** The skeletons call their component `toy`. */
function rename(text: string, name: string): string {
  return text.replaceAll("toy", name).replaceAll("Toy", `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`);
}

/** The lines of a list are sorted, behind the comment that says what it is. */
async function addLine(list: string, line: string): Promise<void> {
  const lines = (await readFile(list, "utf8")).trimEnd().split("\n");
  const isExport = (text: string): boolean => text.startsWith("export ");
  const comment = lines.filter((text) => !isExport(text));
  const sorted = [...lines.filter(isExport), line].toSorted();
  await writeFile(list, `${[...comment, ...sorted].join("\n")}\n`);
}
