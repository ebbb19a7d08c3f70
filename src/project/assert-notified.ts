// Checks that what rules and jobs say of notifications names jobs and channels that are there: otherwise nobody would be told, and
// nobody would know.
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { matchesName } from "../core/notification/notice-router.ts";
import type { Definitions } from "./definitions.ts";
import { type ConfigLayer, placeOfSetting } from "./environments/config-layers.ts";
import type { ProjectSettings } from "./load-settings.ts";

export interface NotifyingProject {
  readonly root: string;
  readonly layers: readonly ConfigLayer[];
  readonly settings: Pick<ProjectSettings, "notifications">;
}

/** @throws MillraceError `CONFIG_INVALID` for a name, or a pattern, that no job and no pipeline has */
export async function assertNotified(definitions: Definitions, project: NotifyingProject): Promise<void> {
  const { root, layers, settings } = project;
  const known = definitions.names();
  for (const [index, { jobs = [] }] of settings.notifications.entries()) {
    const at = jobs.findIndex((pattern) => !known.some((name) => matchesName(pattern, name)));
    if (at < 0) continue;
    const path = ["notifications", index, "jobs", at];
    const place = layers.length === 0 ? "" : `${await placeOfSetting(layers, root, path)}: `;
    const name = jobs[at] ?? "";
    throw new MillraceError(
      "CONFIG_INVALID",
      `${place}no job or pipeline for \`${path.join(".")}\` of the configuration, got: \`${name}\`${suggest(name, known)}`,
      { hint: "`millrace jobs` lists those of the project; `*` stands for any letters", details: { option: path } },
    );
  }
}
