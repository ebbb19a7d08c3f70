// The one way from a screen to the server: an operation of the route table with its params, query and body. What the server
// refuses is thrown as an `ApiError` with its detail and hint; nothing else is thrown but an abort.
import type { Contract } from "../../api/contract.ts";
import type { Problem } from "../../api/problem.ts";
import { routes, type RouteName } from "../../api/routes.ts";

/** What an operation takes: of `params`, `query` and `body` those that its contract has, and a signal. */
export type CallInput<Name extends RouteName> = Pick<Contract[Name], Extract<keyof Contract[Name], "params" | "body">> &
  Partial<Pick<Contract[Name], Extract<keyof Contract[Name], "query">>> & { readonly signal?: AbortSignal };

export type ResponseOf<Name extends RouteName> = Contract[Name]["response"];

/** A refusal of the server, or its absence: then `status` is 0 and `code` is `SERVER_UNREACHABLE`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly allowed: readonly string[];
  readonly issues: NonNullable<Problem["issues"]>;
  readonly requestId: string | undefined;

  constructor(problem: Partial<Problem> & { readonly status: number; readonly detail: string }) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? "SERVER_FAILED";
    this.hint = problem.hint;
    this.allowed = problem.allowed ?? [];
    this.issues = problem.issues ?? [];
    this.requestId = problem.request_id;
  }
}

/** @throws ApiError when the server refuses or does not answer */
export async function call<Name extends RouteName>(name: Name, input: CallInput<Name>): Promise<ResponseOf<Name>> {
  const { params, query, body, signal }: LooseInput = input;
  const response = await request(toPath(name, params, query), {
    method: routes[name].method,
    credentials: "same-origin",
    headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw await toApiError(response);
  // The server checks its answers against the contract.
  return (await readAnswer(response)) as ResponseOf<Name>;
}

/** Path and query of an operation, such as for a link that downloads. */
export function toPath(name: RouteName, params: Readonly<Record<string, string>> = {}, query: object = {}): string {
  const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

interface LooseInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError({
      status: 0,
      code: "SERVER_UNREACHABLE",
      detail: "the server does not answer",
      hint: "is `millrace dev` or `millrace server` still running? this page tries again by itself",
    });
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return isJson ? response.json() : response.text();
}

async function toApiError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const requestId = response.headers.get("x-request-id");
  return new ApiError({
    ...(requestId === null ? {} : { request_id: requestId }),
    ...problem,
    status: response.status,
    detail: problem.detail ?? `the server answered ${response.status} ${response.statusText}`.trim(),
  });
}
