// Tells of messages that could not be sent: whoever waits to be told hears of nothing else.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { useApi } from "../queries/use-api.ts";

/** Nothing when all were sent. */
export function UnsentNotice(): ReactElement | null {
  const { data } = useApi("listNotifications", { query: { limit: 1, state: "given_up" } }, { refetchMs: 30_000 });
  const count = data?.given_up ?? 0;
  if (count === 0) return null;
  return (
    <section className="notice" data-tone="bad" aria-label="Who was not told">
      <Icon name="bell" size={20} />
      <p>
        {count === 1 ? "1 notification was" : `${formatCount(count)} notifications were`} given up: somebody was not
        told.
      </p>
      <Link to="/notifications" search={{ state: "given_up" }} className="button">
        Look at notifications
      </Link>
    </section>
  );
}
