// Checks that what channels need is there: their secrets. Nothing is sent.
import { lendSecretServices, secretSourcesOf } from "../../app/connections/secret-sources.ts";
import type { Environment } from "../../config.ts";
import { openChannel } from "../../notifications/open-channel.ts";
import { createHttpAgent } from "../../connections/http/http-agent.ts";
import { kindOf } from "../../core/notification/channel-options.ts";
import { describeChannel } from "../../core/notification/describe-channel.ts";
import { createSystemClock } from "../../platforms/local/system-clock.ts";
import type { Project } from "../../project/project.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";

/** One for each channel of the configuration. */
export async function diagnoseChannels(
  { root, name: project, settings }: Pick<Project, "root" | "name" | "settings">,
  environment: Pick<Environment, "readVariable">,
): Promise<Diagnosis[]> {
  await using agent = createHttpAgent();
  const services = { agent, now: () => 0, origin: { project }, onSecret: () => undefined };
  await using _services = lendSecretServices(environment, createSystemClock());
  const secrets = secretSourcesOf(root, environment, () => undefined);
  const found: Diagnosis[] = [];
  for (const [name, options] of Object.entries(settings.channels)) {
    const looked = await diagnose(`channel ${name}`, async () => {
      await openChannel(name, options, secrets, services);
      return {
        detail: `${kindOf(options)}: ${describeChannel(options)}; \`millrace notifications test ${name}\` tries it`,
      };
    });
    found.push(looked);
  }
  return found;
}
