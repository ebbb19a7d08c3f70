// The frame of all screens: navigation, search, state of orchestrator and connection, theme. On a narrow screen the navigation is a
// popover behind a button.
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import type { Session } from "../../../api/session.ts";
import { OrchestratorSwitch } from "./orchestrator-state.tsx";
import { Icon, type IconName } from "../values/icon.tsx";
import { LiveBanner } from "./live-banner.tsx";
import { modifierName, useShortcut } from "./shortcuts.ts";
import { readerZone } from "./reader-zone.ts";
import { ThemeMenu } from "./theme-menu.tsx";

const CommandPalette = lazy(async () => ({ default: (await import("./command-palette.tsx")).CommandPalette }));
const KeyboardHelp = lazy(async () => ({ default: (await import("./keyboard-help.tsx")).KeyboardHelp }));

interface NavItem {
  readonly to:
    | "/"
    | "/runs"
    | "/failures"
    | "/schedules"
    | "/datasets"
    | "/streams"
    | "/checks"
    | "/metrics"
    | "/collection"
    | "/delivery"
    | "/sprints"
    | "/workflows"
    | "/connections"
    | "/notifications"
    | "/orchestrator"
    | "/settings";
  readonly label: string;
  readonly icon: IconName;
  /** The second key after `g`. */
  readonly key: string;
}

const navGroups: readonly { readonly label: string; readonly items: readonly NavItem[] }[] = [
  {
    label: "Work",
    items: [
      { to: "/", label: "Home", icon: "home", key: "h" },
      { to: "/runs", label: "Runs", icon: "runs", key: "r" },
      { to: "/failures", label: "Failures", icon: "inbox", key: "f" },
      { to: "/schedules", label: "Schedules", icon: "calendar", key: "s" },
    ],
  },
  {
    label: "Data",
    items: [
      { to: "/datasets", label: "Datasets", icon: "database", key: "d" },
      { to: "/streams", label: "Streams", icon: "stream", key: "w" },
      { to: "/checks", label: "Checks", icon: "checks", key: "c" },
      { to: "/collection", label: "Collection", icon: "download", key: "l" },
      { to: "/metrics", label: "Metrics", icon: "chart", key: "m" },
    ],
  },
  {
    label: "Teams",
    items: [
      { to: "/delivery", label: "Delivery", icon: "bolt", key: "v" },
      { to: "/sprints", label: "Sprints", icon: "calendar", key: "p" },
      { to: "/workflows", label: "Workflows", icon: "checks", key: "o" },
    ],
  },
  {
    label: "Operation",
    items: [
      { to: "/orchestrator", label: "Orchestrator", icon: "orchestrator", key: "e" },
      { to: "/connections", label: "Connections", icon: "plug", key: "n" },
      { to: "/notifications", label: "Notifications", icon: "bell", key: "i" },
      { to: "/settings", label: "Settings", icon: "settings", key: "t" },
    ],
  },
];

/** Around every screen once somebody is logged in. */
export function AppShell({ session, children }: AppShellProps): ReactElement {
  const [overlay, setOverlay] = useState<"palette" | "help">();
  const close = (): void => setOverlay(undefined);
  const main = useRef<HTMLElement>(null);
  useShortcut("mod+k", "find or do anything", () => setOverlay("palette"));
  useShortcut("?", "this help", () => setOverlay("help"));
  useFocusOnNewScreen(main);
  return (
    <div className="shell">
      <a className="skip-link" href="#main" onClick={(event) => skipToMain(event, main.current)}>
        Skip to the content
      </a>
      <Sidebar session={session} />
      <div className="column">
        <Topbar server={session.server} onFind={() => setOverlay("palette")} onHelp={() => setOverlay("help")} />
        <LiveBanner />
        <main ref={main} id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <HatchPattern />
      <Suspense>
        {overlay === "palette" ? <CommandPalette onClose={close} /> : null}
        {overlay === "help" ? <KeyboardHelp onClose={close} /> : null}
      </Suspense>
    </div>
  );
}

export interface AppShellProps {
  readonly session: Session;
  readonly children: ReactNode;
}

// A new screen begins at its begin for keyboard and reader, too.
function useFocusOnNewScreen(main: { readonly current: HTMLElement | null }): void {
  const { pathname } = useLocation();
  const shownPath = useRef(pathname);
  useEffect(() => {
    if (shownPath.current !== pathname) main.current?.focus({ preventScroll: true });
    shownPath.current = pathname;
  }, [pathname, main]);
}

function Sidebar({ session }: { readonly session: Session }): ReactElement {
  const { pathname } = useLocation();
  const sidebar = useRef<HTMLElement>(null);
  useEffect(() => {
    if (sidebar.current?.matches(":popover-open") === true) sidebar.current.hidePopover();
  }, [pathname]);
  const { name, role, server } = session;
  return (
    <nav ref={sidebar} id="sidebar" className="sidebar" popover="auto" aria-label="Screens">
      <Link to="/" className="brand">
        <span className="brand-mark" aria-hidden="true" />
        <span>
          <span className="brand-name">Millrace</span>
          <span className="brand-project">{server.project}</span>
        </span>
      </Link>
      {navGroups.map(({ label, items }) => (
        <div key={label} className="nav-group">
          <p className="nav-label" id={`nav-${label}`}>
            {label}
          </p>
          <ul aria-labelledby={`nav-${label}`}>
            {items.map((item) => (
              <NavLink key={item.to} item={item} />
            ))}
          </ul>
        </div>
      ))}
      <p className="sidebar-foot muted">
        {name} · {role}
        <br />
        {server.version} · {server.store}
        <br />
        times in {readerZone()}
      </p>
    </nav>
  );
}

interface TopbarProps {
  readonly server: Session["server"];
  readonly onFind: () => void;
  readonly onHelp: () => void;
}

function Topbar({ server, onFind, onHelp }: TopbarProps): ReactElement {
  return (
    <header className="topbar">
      <button
        type="button"
        className="button button-quiet button-square nav-button"
        popoverTarget="sidebar"
        aria-label="Screens"
      >
        <Icon name="menu" />
      </button>
      <button type="button" className="palette-button" aria-keyshortcuts="Control+K Meta+K" onClick={onFind}>
        <Icon name="search" />
        <span>Find or do anything</span>
        <kbd>{modifierName()} K</kbd>
      </button>
      <EnvironmentMark server={server} />
      <OrchestratorSwitch />
      <button
        type="button"
        className="button button-quiet button-square help-button"
        aria-label="Keys"
        title="Keys (?)"
        onClick={onHelp}
      >
        <Icon name="keyboard" />
      </button>
      <ThemeMenu />
    </header>
  );
}

// On every screen, so that nobody takes production for a place to try things.
function EnvironmentMark({ server }: Pick<TopbarProps, "server">): ReactElement | null {
  if (server.environment === null) return null;
  return (
    <span
      className="environment-mark"
      data-tone={server.production ? "bad" : "held"}
      title={server.production ? "production" : "the environment of this server"}
    >
      <span className="only-read">environment </span>
      {server.environment}
    </span>
  );
}

// Defines the hatching of everything that was missed. Shapes name it in an attribute, since a style sheet cannot name a
// pattern of the page.
function HatchPattern(): ReactElement {
  return (
    <svg width="0" height="0" className="only-read" aria-hidden="true">
      <pattern id="hatch-missed" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect className="hatch-line" width="2" height="4" />
      </pattern>
    </svg>
  );
}

function NavLink({ item }: { readonly item: NavItem }): ReactElement {
  const navigate = useNavigate();
  useShortcut(`g ${item.key}`, `go to ${item.label}`, () => void navigate({ to: item.to }));
  return (
    <li>
      <Link to={item.to} activeOptions={{ exact: item.to === "/", includeSearch: false }} className="nav-link">
        <Icon name={item.icon} />
        {item.label}
      </Link>
    </li>
  );
}

// The address keeps its search; only the focus moves.
function skipToMain(event: { preventDefault: () => void }, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}
