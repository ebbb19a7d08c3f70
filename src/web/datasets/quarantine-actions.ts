// Lists what may be done with the rows of a quarantine, by the caller's role. A run carries it out; its history says
// who asked for it.
import type { QuarantineView } from "../../api/datasets/quarantine.ts";
import type { Role } from "../../api/role.ts";
import type { Action } from "../components/actions/action.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { call } from "../queries/api-client.ts";
import { mayCall } from "../queries/permissions.ts";

/** For the rows that break one check, or for all of them. Rows that come after the view was made are left alone. */
export function listQuarantineActions(view: QuarantineView, check: string | undefined, role: Role): readonly Action[] {
  const rows = check === undefined ? view.rows : (view.checks.find(({ name }) => name === check)?.rows ?? 0);
  const what = `${formatCount(rows)} ${rows === 1 ? "row" : "rows"}`;
  const which = { version: view.version, ...(check === undefined ? {} : { check }) };
  const actions: readonly (readonly ["releaseQuarantine" | "discardQuarantine", Omit<Action, "run">])[] = [
    [
      "releaseQuarantine",
      {
        label: "Release",
        icon: "play",
        confirm: {
          title: `Release ${what} into ${view.dataset}?`,
          text: "What is released is published although it breaks the check. Blocking checks still hold.",
        },
      },
    ],
    [
      "discardQuarantine",
      {
        label: "Discard",
        icon: "stop",
        isDanger: true,
        confirm: {
          title: `Discard ${what} of ${view.dataset}?`,
          text: "What is discarded leaves the quarantine and is in no table any more.",
        },
      },
    ],
  ];
  return actions
    .filter(([route]) => mayCall(role, route))
    .map(([route, action]) => ({
      ...action,
      run: async ({ reason }) => {
        const body = { ...which, ...(reason === undefined ? {} : { reason }) };
        const { run_id: runId } = await call(route, { params: { dataset: view.dataset }, body });
        return runId === null ? "these rows are no longer there" : `${runId} does it`;
      },
    }));
}
