// Finds in an optimized plan which filters each scan of a stand-in must pass. A row that fails a filter right above its scan
// is in no result, so the files that hold such rows alone need not be read.
import type { ScanExpression } from "../scan-expression.ts";
import { type PlanNode, substitute, toConstant, toScanExpression, unknown } from "./duckdb-scan-expression.ts";

/** Marker of a stand-in → what its rows must pass: one entry for each time the query scans it. */
export type ScanFilters = ReadonlyMap<string, readonly ScanExpression[]>;

/**
 * @param plan what `json_serialize_plan` returned for one select
 * @returns `undefined` when the plan says nothing
 */
export function findScanFilters(plan: string): ScanFilters | undefined {
  const parsed = parse(plan);
  const [root] = parsed?.plans ?? [];
  if (parsed?.error !== false || root === undefined) return undefined;
  const found = new Map<string, ScanExpression[]>();
  visit(root, [], found);
  return found;
}

interface SerializedPlan {
  readonly error: boolean;
  readonly plans?: readonly PlanNode[];
}

/** A plan with a NaN in it is not JSON. */
function parse(plan: string): SerializedPlan | undefined {
  try {
    return JSON.parse(plan) as SerializedPlan;
  } catch {
    return undefined;
  }
}

/** @param filters conditions on the output of `node` that each row must pass */
function visit(node: PlanNode, filters: readonly ScanExpression[], found: Map<string, ScanExpression[]>): void {
  const [below] = childrenOf(node);
  switch (node["type"]) {
    case "LOGICAL_GET":
      if (node["name"] === "repeat_row") addScan(node, filters, found);
      break;
    case "LOGICAL_FILTER": {
      const map = listOf<number>(node["projection_map"]);
      const passed = filters.map((filter) => substitute(filter, (index) => columnAt(map, index)));
      if (below !== undefined) visit(below, [...expressionsOf(node), ...passed], found);
      return;
    }
    case "LOGICAL_PROJECTION": {
      const expressions = expressionsOf(node);
      if (below !== undefined)
        visit(
          below,
          filters.map((filter) => substitute(filter, (at) => expressions[at])),
          found,
        );
      return;
    }
    case "LOGICAL_COMPARISON_JOIN":
      if (visitMarkJoin(node, filters, found)) return;
      break;
  }
  for (const child of childrenOf(node)) visit(child, [], found);
}

function addScan(node: PlanNode, filters: readonly ScanExpression[], found: Map<string, ScanExpression[]>): void {
  const marker = listOf<PlanNode>(node["parameters"])[0]?.["value"];
  if (typeof marker !== "string") return;
  const columns = listOf<PlanNode>(node["column_indexes"]).map((column) => Number(column["index"]));
  const outputs = listOf<number>(node["projection_ids"]);
  const inputs = filters.map((filter) =>
    substitute(filter, (index) => {
      const column = columns[outputs.length === 0 ? index : (outputs[index] ?? -1)];
      // the first column of a stand-in is its marker
      return column === undefined || column < 1 ? undefined : { kind: "column", index: column - 1 };
    }),
  );
  const known = inputs.filter((input) => input.kind !== "unknown");
  found.set(marker, [...(found.get(marker) ?? []), { kind: "and", inputs: known }]);
}

/**
 * A long `in` list has become a join with the values, whose last column says whether the value was found.
 * @returns whether the join was one of these
 */
function visitMarkJoin(
  node: PlanNode,
  filters: readonly ScanExpression[],
  found: Map<string, ScanExpression[]>,
): boolean {
  const [left, right] = childrenOf(node);
  const [condition, ...more] = listOf<PlanNode>(node["conditions"]);
  const isList = node["join_type"] === "MARK" && right?.["type"] === "LOGICAL_CHUNK_GET" && more.length === 0;
  if (!isList || left === undefined || condition?.["comparison"] !== "COMPARE_EQUAL") return false;
  const kept = listOf<number>(node["left_projection_map"]);
  const mark = kept.length === 0 ? countOutputs(left) : kept.length;
  if (mark === undefined) return false;
  const input = toScanExpression(condition["left"] as PlanNode);
  const isFound: ScanExpression = { kind: "in", input, values: valuesOf(right) };
  const passed = filters.map((filter) =>
    substitute(filter, (index) => (index === mark ? isFound : columnAt(kept, index))),
  );
  visit(left, passed, found);
  return true;
}

function valuesOf(chunks: PlanNode): ScanExpression[] {
  const { values } = chunks["collection"] as { readonly values?: readonly (readonly PlanNode[])[] };
  return values?.length === 1 ? (values[0] ?? []).map(toConstant) : [unknown];
}

function countOutputs(node: PlanNode): number | undefined {
  const [below] = childrenOf(node);
  switch (node["type"]) {
    case "LOGICAL_GET":
      return listOf(node["projection_ids"]).length || listOf(node["column_indexes"]).length;
    case "LOGICAL_PROJECTION":
      return listOf(node["expressions"]).length;
    case "LOGICAL_FILTER":
      return listOf(node["projection_map"]).length || (below === undefined ? undefined : countOutputs(below));
    default:
      return undefined;
  }
}

/** Output `index` of a node that passes on the columns of `map`, or all of them. */
function columnAt(map: readonly number[], index: number): ScanExpression | undefined {
  const column = map.length === 0 ? index : map[index];
  return column === undefined ? undefined : { kind: "column", index: column };
}

function expressionsOf(node: PlanNode): ScanExpression[] {
  return listOf<PlanNode>(node["expressions"]).map(toScanExpression);
}

function childrenOf(node: PlanNode): readonly PlanNode[] {
  return listOf<PlanNode>(node["children"]);
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}
