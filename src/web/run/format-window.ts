// A window of logical time as people read it: days without a time where it holds whole days.

const wholeDay = /T00:00:00(?:\.0+)?Z$/;

/** `2026-11-20` for one day, `2026-11-01 to 2026-11-08` for several, else both instants; by UTC. The end does not belong to it. */
export function formatWindow({ from, to }: { readonly from: string; readonly to: string }): string {
  if (!wholeDay.test(from) || !wholeDay.test(to)) return `${shorten(from)} to ${shorten(to)}`;
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  return days === 1 ? from.slice(0, 10) : `${from.slice(0, 10)} to ${to.slice(0, 10)}`;
}

function shorten(instant: string): string {
  return instant.replace("T", " ").replace(/(?::00)?(?:\.0+)?Z$/, "");
}
