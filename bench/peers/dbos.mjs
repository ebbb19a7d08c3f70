// DBOS Transact: a workflow of two checkpointed steps, 24 callers at once.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { runScenario, timeMs } from "./scenario.mjs";

const callers = 24;

await runScenario({
  async two_steps({ url, count }) {
    DBOS.setConfig({
      name: "bench",
      systemDatabaseUrl: url,
      systemDatabasePoolSize: 20,
      logLevel: "error",
      runAdminServer: false,
    });
    const workflow = DBOS.registerWorkflow(
      async () => {
        await DBOS.runStep(async () => 1, { name: "one" });
        await DBOS.runStep(async () => 2, { name: "two" });
      },
      { name: "two_steps" },
    );
    await DBOS.launch();
    let left = count;
    const ms = await timeMs(() =>
      Promise.all(
        Array.from({ length: callers }, async () => {
          while (left > 0) {
            left -= 1;
            await workflow();
          }
        }),
      ),
    );
    await DBOS.shutdown();
    return { ms };
  },
});
