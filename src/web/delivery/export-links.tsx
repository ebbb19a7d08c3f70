// What a screen shows as a file: a menu with a link for each format, which the browser saves.
import type { ReactElement } from "react";
import { toPath } from "../../client/api-client.ts";
import { Menu } from "../components/actions/menu.tsx";
import { Icon } from "../components/values/icon.tsx";

export interface ExportLinksProps {
  readonly route: "exportDelivery" | "exportSprints";
  /** Such as `changes`. */
  readonly what: string;
  /** Without the format. */
  readonly query: object;
}

export function ExportLinks({ route, what, query }: ExportLinksProps): ReactElement {
  return (
    <Menu
      label={`Export ${what}`}
      buttonClass="button"
      button={
        <>
          <Icon name="download" /> Export {what}
        </>
      }
    >
      {formats.map(({ format, text }) => (
        <a
          key={format}
          role="menuitem"
          className="menu-item"
          tabIndex={-1}
          href={toPath(route, {}, { ...query, format })}
          download
        >
          <Icon name="download" /> {text}
        </a>
      ))}
    </Menu>
  );
}

const formats = [
  { format: "csv", text: "as CSV" },
  { format: "parquet", text: "as Parquet" },
] as const;
