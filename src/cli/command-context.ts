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

/** What the options before a verb say; what they leave out is what the variables say. */
export interface GivenContext {
  /** The address of `--server`. */
  readonly server?: string | undefined;
  /** The name of `--env`. */
  readonly env?: string | undefined;
  /** Default: that of the process. */
  readonly terminal?: Terminal;
}

/** @param cwd the folder of `--project`, else the current one */
export function createCommandContext(cwd: string, { server, env, terminal: given }: GivenContext = {}): CommandContext {
  const read = readEnvironment();
  const environment = { ...read, server: server ?? read.server, name: env ?? read.name };
  const terminal = given ?? createTerminal(environment);
  let isNoted = false;
  const loadProject: CommandContext["loadProject"] = async (options = {}) => {
    const project = await import("../project/project.ts");
    const loaded = await project.loadProject({ cwd, environment, ...options });
    if (!isNoted) noteEnvironment(terminal, loaded);
    isNoted = true;
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

// Whoever works on production should know before anything happens.
function noteEnvironment(terminal: Terminal, { environment, settings }: Project): void {
  if (environment === undefined) return;
  const text = `environment: ${environment}`;
  terminal.note(settings.production ? terminal.style("red", `${text}, which is production`) : text);
}
