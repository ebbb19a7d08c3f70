// Choice of light, dark or the system's, and of more contrast.
import { useState, type ReactElement } from "react";
import { Icon } from "../values/icon.tsx";
import { Menu } from "../actions/menu.tsx";
import { loadTheme, saveTheme, type Theme } from "./theme.ts";

const schemes = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

/** Holds for this browser. */
export function ThemeMenu(): ReactElement {
  const [theme, setTheme] = useState(loadTheme);
  const change = (next: Theme): void => {
    setTheme(next);
    saveTheme(next);
  };
  const hasMore = theme.contrast === "more";
  return (
    <Menu
      label="Theme"
      button={<Icon name={theme.scheme === "dark" ? "moon" : "sun"} />}
      buttonClass="button button-quiet button-square"
    >
      {schemes.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          role="menuitemradio"
          tabIndex={-1}
          className="menu-item"
          aria-checked={theme.scheme === value}
          onClick={() => change({ ...theme, scheme: value })}
        >
          {label}
        </button>
      ))}
      <button
        type="button"
        role="menuitemcheckbox"
        tabIndex={-1}
        className="menu-item"
        aria-checked={hasMore}
        onClick={() => change({ ...theme, contrast: hasMore ? "system" : "more" })}
      >
        High contrast
      </button>
    </Menu>
  );
}
