// What may be done to the orchestrator, by its switch and the caller's role.
import type { Orchestrator } from "../../api/orchestrator.ts";
import type { Role } from "../../api/role.ts";
import type { Action } from "../components/actions/action.ts";
import { call } from "../queries/api-client.ts";
import { mayCall } from "../queries/permissions.ts";

/** What has to be typed before everything is ended. */
const emergencyWord = "emergency stop";

/** Start or stop, and the emergency stop for admins. `onDone` is called when the server has answered. */
export function listOrchestratorActions(
  orchestrator: Pick<Orchestrator, "claiming" | "health">,
  role: Role,
  onDone: () => void,
): readonly Action[] {
  const { executing } = orchestrator.health;
  const executes = `${executing} ${executing === 1 ? "run executes" : "runs execute"} now`;
  const actions: Action[] = [];
  if (!orchestrator.claiming && mayCall(role, "startOrchestrator")) {
    actions.push({
      label: "Start",
      icon: "play",
      run: async () => {
        await call("startOrchestrator", { body: {} }).finally(onDone);
        return "the orchestrator takes runs";
      },
    });
  }
  if (orchestrator.claiming && mayCall(role, "stopOrchestrator")) {
    actions.push({
      label: "Stop",
      icon: "pause",
      confirm: {
        title: "Stop the orchestrator?",
        text: `Workers finish what they have and take no more runs; ${executes}. What is due waits and is not lost.`,
      },
      run: async (body) => {
        await call("stopOrchestrator", { body }).finally(onDone);
        return "the orchestrator takes no more runs";
      },
    });
  }
  if (mayCall(role, "emergencyStop")) {
    actions.push({
      label: "Emergency stop",
      icon: "stop",
      isDanger: true,
      confirm: {
        title: "End everything at once?",
        text: `The orchestrator stops and all that executes is ended without being asked: ${executes}. Work may be half done; stopped runs can be retried.`,
        typedName: emergencyWord,
      },
      run: async (body) => {
        const { stopped } = await call("emergencyStop", { body }).finally(onDone);
        return `the orchestrator stopped and ended ${stopped} ${stopped === 1 ? "run" : "runs"}`;
      },
    });
  }
  return actions;
}
