// What must hold of the requests that a service got, however often the commands that sent them were killed.
import type { ExampleTrial } from "./example-trials.ts";
import type { WatchedRequest } from "./watched-service.ts";

/**
 * A request of the ledger that comes again has the key that it had, and no key stands for two requests; a unit is not asked for more
 * often than attempts and their retries can.
 */
export function findRequestFaults(
  { ledger, units }: Pick<ExampleTrial, "ledger" | "units">,
  requests: readonly WatchedRequest[],
  kills: number,
): string[] {
  const sent = requests.filter(({ route }) => ledger?.test(route));
  const asked = Map.groupBy(
    requests.filter(({ route, status }) => units?.test(route) && (status ?? 0) < 500),
    ({ route }) => route,
  );
  return [
    ...sent.filter(({ key }) => key === undefined).map(({ route }) => `${route} was sent without a key`),
    ...findDoubles(
      sent,
      ({ route, print }) => `${route} ${print}`,
      ({ key }) => key ?? "",
    ).map(([request, keys]) => `${request} was sent with the keys ${keys.join(", ")}`),
    ...findDoubles(
      sent,
      ({ key }) => key ?? "",
      ({ route, print }) => `${route} ${print}`,
    ).map(([key, bodies]) => `the key ${key} was sent with ${bodies.join(" and ")}`),
    ...[...asked]
      .filter(([, { length }]) => length > kills + 1)
      .map(([route, { length }]) => `${route} was asked for ${length} times with ${kills} kills`),
  ];
}

function findDoubles(
  requests: readonly WatchedRequest[],
  groupOf: (request: WatchedRequest) => string,
  valueOf: (request: WatchedRequest) => string,
): (readonly [group: string, values: readonly string[]])[] {
  return [...Map.groupBy(requests, groupOf)]
    .map(([group, found]) => [group, [...new Set(found.map(valueOf))]] as const)
    .filter(([, values]) => values.length > 1);
}
