// Takes the steps of a tutorial in a project of its own, with the built command line, and remembers what was printed.
import type { CliProcess, CliProject } from "../cli/cli-project.ts";
import { findDifference, type TutorialStep } from "./tutorial.ts";

export interface Printed {
  readonly script: string;
  readonly shown: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the walk left running; disposing it asks that to end and waits. */
export interface Walk extends AsyncDisposable {
  readonly printed: readonly Printed[];
}

type Commands = Extract<TutorialStep, { kind: "commands" }>;

/** @throws Error when a command ends otherwise than it should */
export async function walkTutorial(project: CliProject, steps: readonly TutorialStep[]): Promise<Walk> {
  const background: CliProcess[] = [];
  const printed: Printed[] = [];
  const end = async (): Promise<void> => {
    for (const process of background) process.kill("SIGINT");
    await Promise.all(background.map(({ ended }) => ended));
  };
  try {
    for (const step of steps) {
      if (step.kind === "file") await project.write(step.path, step.text);
      else if (step.mode === "background") printed.push(await startBehind(project, step, background));
      else if (step.mode !== "skip") printed.push(await runToEnd(project, step));
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { printed, [Symbol.asyncDispose]: end };
}

/** Each block of output that is not what was printed: to stdout, or else to stderr. */
export function findDifferences(printed: readonly Printed[]): string[] {
  return printed.flatMap(({ script, shown, stdout, stderr }) => {
    if (shown === undefined) return [];
    const onStdout = findDifference(shown, stdout);
    if (onStdout === undefined || findDifference(shown, stderr) === undefined) return [];
    return [`${script.trim()}: ${onStdout}`];
  });
}

const placeInText = "/home/you/shop";

async function runToEnd(project: CliProject, { script, mode, shown }: Commands): Promise<Printed> {
  const { code, stdout, stderr } = await project.shell(`npx() { "$@"; }\nset -e\n${script}`);
  if ((code !== 0) !== (mode === "fails")) throw new Error(`${script.trim()} ended with ${code}: ${stdout}${stderr}`);
  const asShown = (text: string): string => text.replaceAll(project.path, placeInText);
  return { script, shown, stdout: asShown(stdout), stderr: asShown(stderr) };
}

// The last line that is shown tells that it is ready.
async function startBehind(project: CliProject, { script, shown }: Commands, started: CliProcess[]): Promise<Printed> {
  const words = script.trim().split(" ").slice(2);
  const process = project.start(...words);
  started.push(process);
  await process.waitForNote(shown?.trimEnd().split("\n").at(-1)?.trim() ?? "\n");
  return { script, shown, stdout: "", stderr: process.stderr.replaceAll(project.path, placeInText) };
}
