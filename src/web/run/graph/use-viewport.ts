// Moving through a picture with wheel, drag, two fingers and keys. What it gives belongs on one element; the view is React state,
// changed at most once a frame.
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
} from "react";
import { fitBox, keepInSight, panBy, zoomAt, type Box, type Size, type Viewport } from "./viewport.ts";

export interface ViewportControl {
  /** Takes the element as its `ref`. */
  readonly attach: (element: HTMLDivElement | null) => void;
  readonly element: HTMLDivElement | null;
  readonly view: Viewport;
  readonly screen: Size;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  };
  /** True after a drag, until the next press: the click that ends a drag chooses nothing. */
  readonly wasDragged: () => boolean;
  readonly zoom: (factor: number) => void;
  readonly fit: (box?: Box) => void;
  readonly show: (view: Viewport) => void;
}

const panStep = 60;
const zoomStep = 1.25;
/** A press that moves less is a click. */
const dragPixels = 4;

/** @param onMoved called when a person moved the view, not when the program did */
export function useViewport(picture: Size, onMoved: () => void): ViewportControl {
  const [element, attach] = useState<HTMLDivElement | null>(null);
  const screen = useElementSize(element);
  const [view, setView] = useState<Viewport>({ x: 0, y: 0, scale: 1 });
  const change = useCallback(
    (next: (view: Viewport) => Viewport) => setView((before) => keepInSight(next(before), picture, screen)),
    [picture, screen],
  );
  const fit = useCallback((box?: Box) => setView(fitBox(box ?? { x: 0, y: 0, ...picture }, screen)), [picture, screen]);
  const move = (next: (view: Viewport) => Viewport): void => {
    change(next);
    onMoved();
  };
  const zoom = (factor: number): void => move((before) => zoomAt(before, factor, middleOf(screen)));
  const pointers = useDragAndPinch(move);
  useWheel(element, move);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const action = keyActions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (action === "fit") fit();
    else move((before) => action(before, screen));
  };
  return {
    attach,
    element,
    view,
    screen,
    zoom,
    fit,
    show: setView,
    ...pointers,
    handlers: { ...pointers.handlers, onKeyDown },
  };
}

const keyActions: Readonly<Record<string, "fit" | ((view: Viewport, screen: Size) => Viewport)>> = {
  "0": "fit",
  "+": (view, screen) => zoomAt(view, zoomStep, middleOf(screen)),
  "=": (view, screen) => zoomAt(view, zoomStep, middleOf(screen)),
  "-": (view, screen) => zoomAt(view, 1 / zoomStep, middleOf(screen)),
  ArrowLeft: (view) => panBy(view, panStep, 0),
  ArrowRight: (view) => panBy(view, -panStep, 0),
  ArrowUp: (view) => panBy(view, 0, panStep),
  ArrowDown: (view) => panBy(view, 0, -panStep),
};

type Move = (next: (view: Viewport) => Viewport) => void;

function useDragAndPinch(move: Move): Pick<ViewportControl, "wasDragged"> & {
  readonly handlers: Omit<ViewportControl["handlers"], "onKeyDown">;
} {
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const travelled = useRef(0);
  const end = (event: PointerEvent<HTMLElement>): void => void pointers.current.delete(event.pointerId);
  return {
    wasDragged: () => travelled.current >= dragPixels,
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        if (pointers.current.size === 0) travelled.current = 0;
        pointers.current.set(event.pointerId, pointOf(event));
      },
      onPointerMove: (event) => {
        const before = pointers.current.get(event.pointerId);
        if (before === undefined) return;
        const point = pointOf(event);
        const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
        pointers.current.set(event.pointerId, point);
        travelled.current += Math.abs(point.x - before.x) + Math.abs(point.y - before.y);
        if (travelled.current < dragPixels) return;
        // Captured only now, so that a click still reaches the node below.
        event.currentTarget.setPointerCapture(event.pointerId);
        if (other === undefined) move((view) => panBy(view, point.x - before.x, point.y - before.y));
        else
          move((view) =>
            zoomAt(view, distance(point, other) / Math.max(1, distance(before, other)), middle(point, other)),
          );
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}

// React listens to wheels passively, which cannot keep the page from scrolling.
function useWheel(element: HTMLElement | null, move: Move): void {
  const latest = useRef(move);
  useLayoutEffect(() => {
    latest.current = move;
  });
  useEffect(() => {
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const box = element.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      if (event.shiftKey) latest.current((view) => panBy(view, -(event.deltaX + event.deltaY) * lines, 0));
      else latest.current((view) => zoomAt(view, Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 100 : 400)), at));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [element]);
}

function useElementSize(element: HTMLElement | null): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (element === null) return;
    const read = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

function pointOf(event: PointerEvent<HTMLElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function middleOf({ width, height }: Size): { x: number; y: number } {
  return { x: width / 2, y: height / 2 };
}

function middle(a: { x: number; y: number }, b: { x: number; y: number }): { x: number; y: number } {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
