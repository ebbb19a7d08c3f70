// What may be done to the engine, by its switch and the caller's role.
import type { Orchestrator } from "../../api/orchestrator.ts";
import type { Role } from "../../api/role.ts";
import type { Action } from "../components/actions/action.ts";
import { call } from "../queries/api-client.ts";
import { mayCall } from "../queries/permissions.ts";

/** What has to be typed before everything is ended. */
const emergencyWord = "emergency stop";

/** Start or stop, and the emergency stop for admins. `onDone` is called when the server has answered. */
export function listEngineActions(
  engine: Pick<Orchestrator, "claiming" | "health">,
  role: Role,
  onDone: () => void,
): readonly Action[] {
  const { executing } = engine.health;
  const executes = `${executing} ${executing === 1 ? "run executes" : "runs execute"} now`;
  const actions: Action[] = [];
  if (!engine.claiming && mayCall(role, "startOrchestrator")) {
    actions.push({
      label: "Start",
      icon: "play",
      run: async () => {
        await call("startOrchestrator", { body: {} }).finally(onDone);
        return "the engine takes runs";
      },
    });
  }
  if (engine.claiming && mayCall(role, "stopOrchestrator")) {
    actions.push({
      label: "Stop",
      icon: "pause",
      confirm: {
        title: "Stop the engine?",
        text: `Workers finish what they have and take no more runs; ${executes}. What is due waits and is not lost.`,
      },
      run: async (body) => {
        await call("stopOrchestrator", { body }).finally(onDone);
        return "the engine takes no more runs";
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
        text: `The engine stops and all that executes is ended without being asked: ${executes}. Work may be half done; stopped runs can be retried.`,
        typedName: emergencyWord,
      },
      run: async (body) => {
        const { stopped } = await call("emergencyStop", { body }).finally(onDone);
        return `the engine stopped and ended ${stopped} ${stopped === 1 ? "run" : "runs"}`;
      },
    });
  }
  return actions;
}
