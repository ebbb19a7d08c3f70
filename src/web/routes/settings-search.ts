// What the address of the settings says: the tab, and the filters of the audit log.
import { readText, type RawSearch } from "../search-params.ts";

export interface SettingsSearch {
  readonly tab?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
}

export function parseSettingsSearch(raw: RawSearch): SettingsSearch {
  return {
    tab: readText(raw, "tab"),
    actor: readText(raw, "actor"),
    action: readText(raw, "action"),
  };
}
