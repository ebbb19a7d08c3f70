// Commands that read, or that are refused, print the same whether they look at the store themselves or ask a server.
import { beforeAll, expect, test, vi } from "vitest";
import type { CommandResult } from "../../support/cli/command-line.ts";
import { createControlProject } from "../../support/cli/control-project.ts";

const read: readonly (readonly string[])[] = [
  ["jobs"],
  ["jobs", "--names"],
  ["runs"],
  ["runs", "--all", "--limit", "2"],
  ["runs", "--job", "cuont"],
  ["show", "r1"],
  ["show", "r2"],
  ["show", "r99"],
  ["why", "r7"],
  ["watch", "r1"],
  ["diff", "r1", "r4"],
  ["logs", "r1"],
  ["requests", "r1"],
  ["connections"],
  ["graph", "daily"],
  ["graph", "dialy"],
  ["state", "show", "count"],
  ["state", "diff", "count"],
  ["quarantine", "list"],
  ["quarantine", "show", "people"],
  ["datasets"],
  ["datasets", "reset", "people"],
  ["token"],
  ["schedules"],
  ["schedules", "next", "daily", "--count", "60"],
  ["backfill", "daily", "--from", "2026-01-01", "--to", "2026-02-01", "--dry-run"],
  ["backfill", "idle", "--from", "2026-01-01", "--to", "2026-02-01", "--dry-run", "-p", "a=1"],
  ["orchestrator"],
  ["retry", "r1"],
];

const commands = read.flatMap((args) => (args.includes("--names") ? [args] : [args, [...args, "--json"]]));

interface Answers {
  readonly store: CommandResult;
  readonly server: CommandResult;
}

const answers = new Map<string, Answers>();

// All are asked beforehand, since connections to the server outlive a test.
beforeAll(async () => {
  await using project = await createControlProject();
  // Only the date: how long ago something was is part of what is printed.
  vi.useFakeTimers({ toFake: ["Date"] });
  for (const args of commands) {
    const [store, server] = [await project.store.run(...args), await project.server.run(...args)];
    answers.set(args.join(" "), { store, server });
  }
  vi.useRealTimers();
});

test.each(commands.map((args) => args.join(" ")))("%s", (name) => {
  const { store, server } = answers.get(name)!;
  expect(server).toEqual(store);
  expect(store.stdout + store.stderr).not.toBe("");
});
