// Tables of warehouses are named with their schema.

/** `sales.promos` → schema and table; what is not said is left out. */
export function splitTable(name: string | undefined): { readonly schema?: string; readonly table?: string } {
  const dot = name?.indexOf(".") ?? -1;
  if (name === undefined) return {};
  return dot < 0 ? { table: name } : { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}
