// The verb about figures of delivery, sprints, issues and health: which there are, and the rows behind one.
import { Argument, type Command, Option } from "commander";
import { exportFormats } from "../core/export-format.ts";
import type { LoadAction } from "./load-action.ts";

/** Adds it to the command line. */
export function addFigureCommands(program: Command, load: LoadAction): void {
  program
    .command("figures")
    .description("list the figures of delivery, sprints, issues and health, or the rows that one of them is made of")
    .addArgument(new Argument("[action]", "what to do").choices(["list", "why", "export"]).default("list"))
    .argument("[metric]", "the one that is meant, such as `deployment_frequency`")
    .option("--service <name>", "of which service, for metrics of services")
    .option("--project-key <key>", "of which project of Jira, for metrics of projects")
    .option("--sprint <id>", "of which sprint, for metrics of sprints")
    .addOption(new Option("--period <period>", "default `month`").choices(["week", "month", "all"]))
    .option("--at <time>", "a month like `2026-01`, a day or an instant in the period; default: the newest")
    .option("--limit <number>", "how many rows `why` shows", "20")
    .addOption(new Option("--format <format>", "of the file of `export`").choices([...exportFormats]).default("csv"))
    .option("--to <file>", "the file of `export`; default: named after the figure")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/figures.ts"), "figures"));
}
