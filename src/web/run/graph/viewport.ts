// The piece of a picture that is on the screen: moved, enlarged and fitted, always so that something of the picture is in sight.

/** A point of the picture is drawn at `point * scale + (x, y)` pixels. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export const minScale = 0.05;
export const maxScale = 2;
const margin = 24;

/** Shows a box of the picture in whole, in the middle, never larger than life. */
export function fitBox(box: Box, screen: Size): Viewport {
  const wide = Math.max(1, screen.width - 2 * margin) / Math.max(1, box.width);
  const high = Math.max(1, screen.height - 2 * margin) / Math.max(1, box.height);
  const scale = clamp(Math.min(1, wide, high), minScale, maxScale);
  return centreOn(middleOf(box), screen, scale);
}

/** Shows a point of the picture in the middle. */
export function centreOn(point: { readonly x: number; readonly y: number }, screen: Size, scale: number): Viewport {
  return { x: screen.width / 2 - point.x * scale, y: screen.height / 2 - point.y * scale, scale };
}

/** Enlarges around a point of the screen, which stays where it is. */
export function zoomAt(view: Viewport, factor: number, at: { readonly x: number; readonly y: number }): Viewport {
  const scale = clamp(view.scale * factor, minScale, maxScale);
  const ratio = scale / view.scale;
  return { x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio, scale };
}

/** Moves by pixels of the screen. */
export function panBy(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** The nearest view in which the picture is not lost out of sight. */
export function keepInSight(view: Viewport, picture: Size, screen: Size): Viewport {
  const kept = Math.min(80, screen.width / 2, screen.height / 2);
  return {
    scale: view.scale,
    x: clamp(view.x, kept - picture.width * view.scale, screen.width - kept),
    y: clamp(view.y, kept - picture.height * view.scale, screen.height - kept),
  };
}

/** The part of the picture that is on the screen, with a margin of half a screen, so that small moves need no new nodes. */
export function findVisibleBox(view: Viewport, screen: Size): Box {
  const width = screen.width / view.scale;
  const height = screen.height / view.scale;
  return {
    x: -view.x / view.scale - width / 2,
    y: -view.y / view.scale - height / 2,
    width: width * 2,
    height: height * 2,
  };
}

/** Tells whether a box is on the screen, or as much of it as fits. */
export function isInSight(box: Box, view: Viewport, screen: Size): boolean {
  const isWithin = (from: number, length: number, offset: number, room: number): boolean => {
    const begin = from * view.scale + offset;
    const end = begin + length * view.scale;
    return length * view.scale > room ? begin <= 0 && end >= room : begin >= 0 && end <= room;
  };
  return isWithin(box.x, box.width, view.x, screen.width) && isWithin(box.y, box.height, view.y, screen.height);
}

/** Tells whether two boxes share a point. */
export function doOverlap(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/** The point in the middle of a box. */
export function middleOf({ x, y, width, height }: Box): { readonly x: number; readonly y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}

/** The smallest box around all; undefined for none. */
export function surround(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, Math.min(min, max)), Math.max(min, max));
}
