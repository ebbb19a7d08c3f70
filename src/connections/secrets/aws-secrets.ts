// Secrets that Amazon keeps: parameters of Systems Manager and secrets of Secrets Manager. What was read is known for a few minutes,
// so that a job with a thousand units asks once, and a secret that was changed is noticed.
import { text } from "node:stream/consumers";
import type { ServiceReference } from "../../core/connection/secret-text.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { createHttpAgent, type HttpAgent } from "../http/http-agent.ts";
import { sendRequest } from "../http/send-request.ts";
import { signAws } from "../s3/s3-signature.ts";
import { type AwsKeys, type AwsKeySources, findAwsKeys } from "./aws-credentials.ts";
import { type AwsAnswer, parameterOf, secretOf } from "./aws-secret-answer.ts";

export type AwsSecretsOptions = Pick<AwsKeySources, "readVariable" | "readFile" | "now">;

/** How long a secret is known, milliseconds. */
const maxAgeMs = 5 * 60_000;
/** Keys are asked for again so long before they end. */
const earlyMs = 5 * 60_000;
const timeouts = { headersMs: 10_000, idleMs: 10_000, totalMs: 30_000 };

interface Known {
  readonly secret: Promise<string>;
  readonly readAtMs: number;
}

interface AwsService {
  readonly id: "ssm" | "secretsmanager";
  /** In the name of the variable that says where it is. */
  readonly variable: "SSM" | "SECRETS_MANAGER";
  readonly target: string;
}

const parameters: AwsService = { id: "ssm", variable: "SSM", target: "AmazonSSM.GetParameter" };
const secrets: AwsService = {
  id: "secretsmanager",
  variable: "SECRETS_MANAGER",
  target: "secretsmanager.GetSecretValue",
};

/** Asks nothing before a secret is. Disposing it ends what is under way. */
export class AwsSecrets implements AsyncDisposable {
  readonly #options: AwsSecretsOptions;
  readonly #known = new Map<string, Known>();
  #agent: HttpAgent | undefined;
  #keys: Promise<AwsKeys> | undefined;

  constructor(options: AwsSecretsOptions) {
    this.#options = options;
  }

  /**
   * @throws MillraceError `SECRET_MISSING` for one that is not there, has no value or is to be deleted · `SECRET_UNREADABLE` for bytes ·
   *   `PERMISSION_DENIED`, `AUTHENTICATION_FAILED` · `RATE_LIMITED`, `SERVICE_UNAVAILABLE`, to be tried again
   */
  async read(reference: ServiceReference): Promise<string> {
    const name = JSON.stringify(reference);
    const known = this.#known.get(name);
    if (known !== undefined && this.#options.now() - known.readAtMs < maxAgeMs) return await known.secret;
    const secret = this.#ask(reference);
    this.#known.set(name, { secret, readAtMs: this.#options.now() });
    // what failed may be there the next time
    secret.catch(() => void this.#known.delete(name));
    return await secret;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
  }

  async #ask(reference: ServiceReference): Promise<string> {
    if ("ssm" in reference) {
      // without it a SecureString comes as it is encrypted, and no error says so
      const body = { Name: reference.ssm, WithDecryption: true };
      return parameterOf(reference, await this.#send(parameters, body));
    }
    return secretOf(reference, await this.#send(secrets, { SecretId: reference.secretsmanager }));
  }

  async #send(service: AwsService, content: object): Promise<AwsAnswer> {
    const region = this.#region(service);
    const { url, isLoopback } = this.#endpoint(service, region);
    const agent = (this.#agent ??= createHttpAgent());
    const keys = await this.#findKeys(agent, isLoopback);
    const body = JSON.stringify(content);
    const given = { "content-type": "application/x-amz-json-1.1", "x-amz-target": service.target };
    const sign = signAws(keys, { region, service: service.id, signed: /^(?:content-type|x-amz-target)$/ });
    const signed = await sign({ method: "POST", url, headers: given, body }, this.#options.now());
    const headers = { ...given, ...signed };
    const request = { method: "POST", url, headers, body: { raw: body }, timeouts } as const;
    const response = await sendRequest(request, { agent });
    return { status: response.status, text: await text(response.body) };
  }

  #region({ id }: AwsService): string {
    const { readVariable } = this.#options;
    const region = readVariable("AWS_REGION") || readVariable("AWS_DEFAULT_REGION");
    if (region) return region;
    throw new MillraceError("SECRET_MISSING", `\`\${${id}:…}\` needs a region, and AWS_REGION is not set`, {
      hint: "set it where the worker runs",
    });
  }

  #endpoint({ id, variable }: AwsService, region: string): { readonly url: string; readonly isLoopback: boolean } {
    const { readVariable } = this.#options;
    const given = readVariable(`AWS_ENDPOINT_URL_${variable}`) || readVariable("AWS_ENDPOINT_URL");
    const url = new URL(given || `https://${id}.${region}.amazonaws.com`);
    return { url: url.href, isLoopback: ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) };
  }

  // Who asks a service of this machine is on none of Amazon's, unless it says where to ask.
  async #findKeys(agent: HttpAgent, isLoopback: boolean): Promise<AwsKeys> {
    const { readVariable, now } = this.#options;
    const mayAskMachine = !isLoopback || readVariable("AWS_EC2_METADATA_SERVICE_ENDPOINT") !== undefined;
    const keys = await this.#keys?.catch(() => undefined);
    if (keys !== undefined && (keys.expiresAtMs ?? Infinity) - earlyMs > now()) return keys;
    this.#keys = findAwsKeys({ ...this.#options, agent, mayAskMachine });
    return await this.#keys;
  }
}
