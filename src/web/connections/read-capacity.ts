// The capacity of a limit from what a person typed.

/** Empty means no limit; 0 closes the gate. */
export function readCapacity(text: string): { readonly capacity: number | null; readonly problem: string | null } {
  const trimmed = text.trim();
  if (trimmed === "") return { capacity: null, problem: null };
  const capacity = Number(trimmed);
  if (!/^\d+$/.test(trimmed) || capacity > 1_000_000)
    return { capacity: null, problem: "expected a whole number from 0 to 1,000,000" };
  return { capacity, problem: null };
}
