// Line icons, drawn on a grid of 16. They decorate: the text beside them says the same, so that they are hidden from readers.
import type { ReactElement } from "react";

export type IconName = keyof typeof paths;

/** An icon in the colour of the text around it, `size` px wide; default 16. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

const ring = "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z";

const paths = {
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.500h-11L4 11Zm2.5 2.500a1.5 1.5 0 0 0 3 0",
  bolt: "M9 1.5 3.5 9H8l-1 5.500L12.5 7H8l1-5.500Z",
  calendar:
    "M2.5 4.500A1.5 1.5 0 0 1 4 3h8a1.5 1.5 0 0 1 1.5 1.500v7A1.5 1.5 0 0 1 12 13H4a1.5 1.5 0 0 1-1.5-1.500v-7Zm0 2h11M5.5 1.500v3m5-3v3",
  chart: "M2.5 2.500v11h11M5 10.500l2.5-3 2 2 3.5-4.5",
  check: `${ring}M5.3 8.200l1.9 1.9 3.5-4`,
  checks: "M2 8.5 4.5 11 9 5.500m-1 4.5 1 1 4.5-5.5",
  chevron: "m6 3.5 4.5 4.500L6 12.5",
  "chevron-down": "m3.5 6 4.5 4.500L12.5 6",
  circle: ring,
  "circle-dashed":
    "M8 2a6 6 0 0 1 2.3.46M12.7 4.300A6 6 0 0 1 13.8 6.500M13.8 9.500a6 6 0 0 1-1.1 2.200M10.3 13.540A6 6 0 0 1 8 14M5.7 13.540A6 6 0 0 1 3.3 11.700M2.2 9.500a6 6 0 0 1 0-3M3.3 4.300A6 6 0 0 1 5.7 2.46",
  clock: `${ring}M8 4.700V8l2.3 1.6`,
  close: "m4 4 8 8m0-8-8 8",
  command:
    "M6 6V4.250A1.75 1.75 0 1 0 4.25 6H6Zm0 0v4m0-4h4M6 10v1.750A1.75 1.75 0 1 1 4.25 10H6Zm0 0h4m0-4V4.250A1.75 1.75 0 1 1 11.75 6H10Zm0 0v4m0 0h1.750A1.75 1.75 0 1 1 10 11.750V10Z",
  copy: "M5.5 5.500v-2A1 1 0 0 1 6.5 2.500h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M2.5 6.500a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6Z",
  cross: `${ring}m-8-2 4 4m0-4-4 4`,
  database:
    "M13 4c0 1.1-2.24 2-5 2S3 5.1 3 4s2.24-2 5-2 5 .9 5 2Zm0 0v8c0 1.1-2.24 2-5 2s-5-.9-5-2V4m10 4c0 1.1-2.24 2-5 2S3 9.1 3 8",
  download: "M8 2.500v8m0 0 3-3m-3 3-3-3m-2.5 6h11",
  orchestrator:
    "M8 10.200a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400Zm0-8.700v2m0 9v2m6.5-6.500h-2m-9 0h-2m11.1-4.6-1.42 1.420M4.82 11.18 3.4 12.600m9.2 0-1.42-1.420M4.82 4.82 3.4 3.4",
  external: "M9.5 2.500h4v4m0-4-6 6m4 1v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3",
  filter: "M2 3.500h12M4.5 8h7m-4.5 4.500h2",
  home: "M2.5 7.5 8 2.500l5.5 5V13a.5.5 0 0 1-.5.500h-3.500V10h-3v3.500H3a.5.5 0 0 1-.5-.5V7.500Z",
  inbox: "M2.5 9.500h3l1 2h3l1-2h3m-11 0 2-6h7l2 6v3a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-3Z",
  info: `${ring}M8 7.300v3.500M8 5v.3`,
  keyboard: "M2 4.500h12v7H2v-7Zm2.5 2.300h.1m2.3 0h.1m2.3 0h.1m2.3 0h.1M5 9.300h6",
  menu: "M2.5 4.500h11M2.5 8h11m-11 3.500h11",
  moon: "M13.5 9.500A6 6 0 0 1 6.5 2.500a6 6 0 1 0 7 7Z",
  minus: "M3 8h10",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  overlap: "M2.5 2.500h7v7h-7v-7Zm4 4h7v7h-7v-7Z",
  pause: `${ring}M6.5 5.800v4.400m3-4.400v4.4`,
  play: `${ring}M6.6 5.500v5l4-2.5-4-2.500Z`,
  plug: "M5.5 2v3.500m5-3.500v3.500M4 5.500h8V8a4 4 0 0 1-8 0V5.500ZM8 12v2.5",
  plus: "M8 3v10M3 8h10",
  question: `${ring}M6.3 6.300A1.8 1.8 0 0 1 8 5a1.7 1.7 0 0 1 .9 3.100c-.6.4-.9.7-.9 1.200M8 11v.2`,
  retry: "M13.5 8A5.5 5.5 0 1 1 11.7 3.900L13.5 5.500m0-3v3h-3",
  runs: "M2.5 3.500h7m-7 4.500h11m-11 4.500h8",
  search: "M7 11.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2",
  settings:
    "M2.5 5h6m3 0h2m-11 6h2m3 0h6M10 3.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm-4 6a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z",
  skip: `${ring}M5.5 8h5m-2-2 2 2-2 2`,
  slash: `${ring}M4 12l8-8`,
  stop: `${ring}M6 6h4v4H6V6Z`,
  stream:
    "M2 5c2 0 2-1.5 4-1.500s2 1.500 4 1.500 2-1.500 4-1.500M2 9c2 0 2-1.500 4-1.500s2 1.500 4 1.500 2-1.500 4-1.500M2 13c2 0 2-1.500 4-1.500s2 1.500 4 1.500 2-1.500 4-1.500",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-9.500v1.500m0 10v1.500M1.5 8H3m10 0h1.500M3.4 3.400l1.06 1.060m7.08 7.08 1.06 1.060m0-9.2-1.06 1.060M4.46 11.54 3.4 12.6",
  warning: "M8 2.5 14.2 13.500H1.800L8 2.500Zm0 4v3.500m0 1.700v.2",
} as const;
