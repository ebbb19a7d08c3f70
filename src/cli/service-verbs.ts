// Verbs about the services that jobs talk to.
import { Argument, type Command } from "commander";
import type { LoadAction } from "./load-action.ts";

export function addServiceVerbs(program: Command, load: LoadAction): void {
  program
    .command("connections")
    .description("list the services that jobs talk to, try one, register one with its secrets sealed, or remove it")
    .addArgument(new Argument("[action]", "what to do").choices(["list", "test", "add", "remove"]).default("list"))
    .argument("[name]", "of the connection")
    .option("--url <address>", "what `test` asks for, relative to the connection", "/")
    .option("--fresh", "`test` forgets the answers that are kept of the connection, too")
    .option("--file <path>", "JSON as under `connections.<name>` of the configuration; `-` reads it from stdin", "-")
    .option("--replace", "`add` although the name is registered already")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/connections.ts"), "connections"));
  program
    .command("requests")
    .description("list what a run asked of services: addresses without secrets, answers, times, bytes")
    .argument("<run>", "its id, like r42, or `last`")
    .option("--failed", "only those without a good answer")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/requests.ts"), "requests"));
}
