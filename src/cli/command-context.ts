// Gives every command the terminal, the environment, and the project when it needs one. It loads as little as it can.
import type { App, OpenAppOptions } from "../app/app.ts";
import { type Environment, readEnvironment } from "../config.ts";
import type { Project } from "../project/project.ts";
import { createTerminal, type Terminal } from "./print/terminal.ts";

export interface CommandContext {
  readonly cwd: string;
  readonly environment: Environment;
  readonly terminal: Terminal;
  /** The project of the current folder. `definitions: false` leaves the job files alone. */
  loadProject(options?: { definitions?: boolean }): Promise<Project>;
  /** The project with its store open; dispose it. */
  openApp(options?: { definitions?: boolean; tape?: OpenAppOptions["tape"] }): Promise<App>;
}

/**
 * @param cwd the folder of `--project`, else the current one
 * @param server the address of `--server`, else that of the environment
 * @param given the terminal; default: that of the process
 */
export function createCommandContext(cwd: string, server?: string, given?: Terminal): CommandContext {
  const read = readEnvironment();
  const environment = server === undefined ? read : { ...read, server };
  const terminal = given ?? createTerminal(environment);
  const loadProject: CommandContext["loadProject"] = async (options = {}) => {
    const project = await import("../project/project.ts");
    const loaded = await project.loadProject({ cwd, environment, ...options });
    for (const warning of loaded.definitions.warnings) terminal.note(`warning: ${warning}`);
    return loaded;
  };
  return {
    cwd,
    environment,
    terminal,
    loadProject,
    openApp: async ({ tape, ...options } = {}) => {
      const [{ openApp }, project] = await Promise.all([import("../app/app.ts"), loadProject(options)]);
      return openApp({ project, environment, tape });
    },
  };
}
