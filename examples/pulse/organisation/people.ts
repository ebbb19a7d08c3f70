// Who works in an organisation: people in teams, and the bots beside them.
import type { User } from "./entities.ts";

export interface Person {
  readonly login: string;
  readonly accountId: string;
  readonly team: string;
}

const firstNames = ["ada", "ben", "chi", "dara", "eli", "fay", "gus", "hana", "ivo", "jun", "kaya", "lars"] as const;
const lastNames = ["ahn", "berg", "cruz", "diaz"] as const;

export const bots: readonly string[] = ["dependabot[bot]", "renovate[bot]"];

/** `count` people at most, in teams of six. */
export function createPeople(count: number): readonly Person[] {
  return lastNames
    .flatMap((last) => firstNames.map((first) => `${first}-${last}`))
    .slice(0, count)
    .map((login, index) => ({
      login,
      accountId: `5f${String(index).padStart(22, "0")}`,
      team: `team-${String.fromCodePoint(97 + Math.floor(index / 6))}`,
    }));
}

/** The users of Jira: one who has left and one app are among them. */
export function toUsers(people: readonly Person[]): readonly User[] {
  const users = people.map(({ login, accountId }, index): User => ({
    account_id: accountId,
    display_name: login,
    is_active: index !== 1,
    kind: "atlassian",
  }));
  return [...users, { account_id: "app-automation", display_name: "Automation", is_active: true, kind: "app" }];
}
