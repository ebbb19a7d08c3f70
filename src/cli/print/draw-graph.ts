// Draws a laid-out pipeline with boxes and lines. Lines of different jobs never share a column or a row, except where
// they meet at the job that both lead to.
import type { PlacedBoxes, Slot } from "./place-boxes.ts";

/** Lines of text. @param captionOf what the box of a job says, the same as for the layout */
export function drawGraph({ rows }: PlacedBoxes, captionOf: (job: NonNullable<Slot["job"]>) => string): string[] {
  const canvas = new Canvas();
  const entries = new Map<Slot, number>();
  let top = 0;
  for (const [index, row] of rows.entries()) {
    const below = rows[index + 1] ?? [];
    for (const slot of row) drawSlot(canvas, slot, top, entries.get(slot) ?? slot.left + portOffset, captionOf);
    const children = new Map(row.map((slot) => [slot, below.filter(({ parents }) => parents.includes(slot))]));
    top = drawChannel(canvas, { top: top + boxHeight, row, below, children, entries });
  }
  return canvas.toLines();
}

const boxHeight = 3;
const portOffset = 2;

const north = 1;
const east = 2;
const south = 4;
const west = 8;

// Index: the sum of the directions in which a character has a line.
const lineCharacters = " ╵╶└╷│┌├╴┘─┴┐┤┬┼";

class Canvas {
  readonly #lines: number[][] = [];
  readonly #texts = new Map<string, string>();

  /** Adds directions to what is there. */
  mark(y: number, x: number, directions: number): void {
    while (this.#lines.length <= y) this.#lines.push([]);
    const line = this.#lines[y] ?? [];
    while (line.length <= x) line.push(0);
    line[x] = (line[x] ?? 0) | directions;
  }

  vertical(x: number, from: number, to: number): void {
    for (let y = from; y < to; y += 1) {
      this.mark(y, x, south);
      this.mark(y + 1, x, north);
    }
  }

  horizontal(y: number, from: number, to: number): void {
    for (let x = from; x < to; x += 1) {
      this.mark(y, x, east);
      this.mark(y, x + 1, west);
    }
  }

  /** Text covers lines. Names are ASCII, so a character is a column. */
  text(y: number, x: number, text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      this.mark(y, x + index, 0);
      this.#texts.set(`${y} ${x + index}`, text.charAt(index));
    }
  }

  toLines(): string[] {
    return this.#lines.map((line, y) => {
      const characters = line.map((directions, x) => this.#texts.get(`${y} ${x}`) ?? lineCharacters.charAt(directions));
      return characters.join("").trimEnd();
    });
  }
}

function drawSlot(
  canvas: Canvas,
  { job, left }: Slot,
  top: number,
  entry: number,
  captionOf: (job: NonNullable<Slot["job"]>) => string,
): void {
  if (job === undefined) {
    canvas.vertical(entry, top, top + boxHeight);
    return;
  }
  const caption = captionOf(job);
  const right = left + caption.length + 3;
  canvas.horizontal(top, left, right);
  canvas.horizontal(top + boxHeight - 1, left, right);
  canvas.vertical(left, top, top + boxHeight - 1);
  canvas.vertical(right, top, top + boxHeight - 1);
  canvas.text(top + 1, left + 2, caption);
}

interface Channel {
  /** The first line of text between two rows. */
  readonly top: number;
  readonly row: readonly Slot[];
  readonly below: readonly Slot[];
  readonly children: ReadonlyMap<Slot, readonly Slot[]>;
  /** The column in which lines arrive at a slot; those of `below` are added. */
  readonly entries: Map<Slot, number>;
}

// From the top: a line of labels, one line for each job whose lines turn, the arrow heads. Returns where the next row begins.
function drawChannel(canvas: Canvas, { top, row, below, children, entries }: Channel): number {
  if (below.length === 0) return top;
  const exits = new Map(row.map((slot) => [slot, exitOf(slot, entries)]));
  for (const slot of below) entries.set(slot, chooseEntry(slot, exits, children));
  const turning = row.filter((slot) => hasTurn(exits.get(slot), children.get(slot) ?? [], entries));
  const bottom = top + 1 + turning.length;
  for (const slot of row) {
    const exit = exits.get(slot) ?? 0;
    const columns = (children.get(slot) ?? []).map((child) => entries.get(child) ?? 0);
    if (columns.length === 0) continue;
    const track = turning.includes(slot) ? top + 1 + turning.indexOf(slot) : bottom;
    canvas.vertical(exit, top - 1, track);
    canvas.horizontal(track, Math.min(exit, ...columns), Math.max(exit, ...columns));
    for (const column of columns) canvas.vertical(column, track, bottom);
    canvas.text(top, exit + 2, slot.label);
  }
  for (const slot of below) {
    const entry = entries.get(slot) ?? 0;
    if (slot.parents.length === 0) continue;
    if (slot.job === undefined) canvas.vertical(entry, bottom, bottom + 1);
    else canvas.text(bottom, entry, "▼");
  }
  return bottom + 1;
}

function exitOf(slot: Slot, entries: ReadonlyMap<Slot, number>): number {
  const straight = slot.left + portOffset;
  return slot.job === undefined ? (entries.get(slot) ?? straight) : straight;
}

function hasTurn(exit: number | undefined, children: readonly Slot[], entries: ReadonlyMap<Slot, number>): boolean {
  return children.some((child) => entries.get(child) !== exit);
}

// A line may go straight down only where no other could be taken for it: the one below comes from it alone, or it leads to that alone.
function chooseEntry(
  slot: Slot,
  exits: ReadonlyMap<Slot, number>,
  children: ReadonlyMap<Slot, readonly Slot[]>,
): number {
  const isFree = (column: number, margin: number): boolean =>
    [...exits].every(([above, exit]) => {
      if (Math.abs(exit - column) > margin || (children.get(above)?.length ?? 0) === 0) return true;
      if (exit !== column || !slot.parents.includes(above)) return false;
      return slot.parents.length === 1 || children.get(above)?.length === 1;
    });
  const first = slot.left + portOffset;
  const columns = Array.from({ length: slot.width - portOffset - 1 }, (_, index) => first + index);
  // Lines side by side are hard to tell apart.
  return columns.find((column) => isFree(column, 1)) ?? columns.find((column) => isFree(column, 0)) ?? first;
}
