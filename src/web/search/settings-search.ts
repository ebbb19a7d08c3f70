// Parses the address of the settings: the tab, and the filters of the audit log.
import { readOneOf, readText, type RawSearch } from "../search-params.ts";

export const settingsTabs = ["tokens", "audit"] as const;

export type SettingsTab = (typeof settingsTabs)[number];

export interface SettingsSearch {
  /** Left out: the tokens. */
  readonly tab?: SettingsTab | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
}

export function parseSettingsSearch(raw: RawSearch): SettingsSearch {
  return {
    tab: readOneOf(raw, "tab", settingsTabs),
    actor: readText(raw, "actor"),
    action: readText(raw, "action"),
  };
}
