// Asks again for what live messages made old, seldom enough that a busy orchestrator does not make a busy server.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import type { RouteName } from "../../api/routes.ts";
import { keyOf } from "./use-api.ts";

/** Gives a function that marks answers as old: they are asked for again at once, then at most once in `everyMs`. */
export function useStale(names: readonly RouteName[], everyMs: number): () => void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isMarked = useRef(false);
  const list = names.join(" ");
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    const refetch = (): void => {
      isMarked.current = false;
      // One that is being fetched is let through: its answer may be older than the message.
      for (const name of list.split(" ")) void client.invalidateQueries({ queryKey: keyOf(name as RouteName) });
      timer.current = setTimeout(() => {
        timer.current = undefined;
        if (isMarked.current) refetch();
      }, everyMs);
    };
    if (timer.current === undefined) refetch();
    else isMarked.current = true;
  }, [client, list, everyMs]);
}
