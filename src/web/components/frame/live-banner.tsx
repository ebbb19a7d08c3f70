// Says when what is on the screen may be old: while the connection to the server is lost, and when it is back.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactElement } from "react";
import { useLiveState } from "../../queries/live.ts";
import { Icon } from "../values/icon.tsx";

/** A short break is not worth a word. */
const patienceMs = 1_500;

/** What was loaded before a break is asked for again after it. */
export function LiveBanner(): ReactElement {
  const { name, resumed } = useLiveState();
  const client = useQueryClient();
  const [isLong, setLong] = useState(false);
  const isLost = name === "waiting" || name === "refused" || (name === "connecting" && isLong);
  useEffect(() => {
    if (name === "open" || name === "off") {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => setLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, [name]);
  useEffect(() => {
    if (resumed > 0) void client.invalidateQueries();
  }, [resumed, client]);
  return (
    <div className="banner-place" role="status" aria-live="polite">
      {isLost && isLong ? (
        <p className="banner" data-tone="warn">
          <Icon name="retry" />
          {name === "refused"
            ? "The server refused live updates. What you see may be old; reload the page."
            : "Reconnecting… what you see may be old. It goes on by itself, nothing is lost."}
        </p>
      ) : null}
    </div>
  );
}
