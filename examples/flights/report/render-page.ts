// The findings as one HTML file without scripts or outside resources.
import { barChart } from "./bar-chart.ts";
import { lineChart } from "./line-chart.ts";
import type { Findings } from "./load-findings.ts";

export function renderPage(findings: Findings): string {
  const share = (findings.onTimeShare * 100).toFixed(1);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>US flights of 2001</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>US flights, ${findings.from} to ${findings.to}</h1>
<dl>
<div><dt>flights</dt><dd>${findings.flights.toLocaleString("en-US")}</dd></div>
<div><dt>left on time</dt><dd>${share} %</dd></div>
<div><dt>rows quarantined</dt><dd>${findings.quarantined.toLocaleString("en-US")}</dd></div>
<div><dt>duplicates dropped</dt><dd>${findings.duplicates.toLocaleString("en-US")}</dd></div>
</dl>
${section(
  "Mean delay of a departure, minutes a day",
  lineChart(
    "Mean delay by day",
    findings.days.map((day) => ({ day: day.day, value: day.meanDelay })),
    "var(--warm)",
  ),
)}
${section(
  "Busiest routes",
  barChart(
    "Busiest routes",
    findings.routes.map((row) => ({
      label: row.cities,
      value: row.flights,
      text: row.flights.toLocaleString("en-US"),
    })),
    { color: "var(--cool)", width: 1000 },
  ),
)}
<div class="pair">
${section("Most punctual airports", rankingChart("Most punctual airports", findings.punctual, "var(--good)"))}
${section("Least punctual airports", rankingChart("Least punctual airports", findings.late, "var(--warm)"))}
</div>
<footer>On time: less than 15 minutes late. Rankings: airports with at least 1,000 departures. Data: npm package vega-datasets.</footer>
</main>
</body>
</html>
`;
}

function rankingChart(title: string, airports: Findings["punctual"], color: string): string {
  const bars = airports.map((row) => ({
    label: `${row.city} (${row.airport})`,
    value: row.onTimeShare,
    text: `${(row.onTimeShare * 100).toFixed(1)} %`,
  }));
  return barChart(title, bars, { color, width: 480 });
}

function section(title: string, chart: string): string {
  return `<section><h2>${title}</h2>${chart}</section>`;
}

const style = `
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5c6b7a; --page: #f6f7f9; --card: #fff; --rule: #dde3e9; --cool: #2f6fb0; --warm: #c2602a; --good: #2c8560; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa8b6; --page: #12171d; --card: #1b222a; --rule: #303a45; --cool: #5b9bdc; --warm: #e08a55; --good: #56b58c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 24px; margin: 8px 0 16px; } h2 { font-size: 15px; margin: 0 0 12px; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 16px; }
dl div, section { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; }
dt { color: var(--soft); font-size: 13px; } dd { margin: 0; font-size: 24px; font-variant-numeric: tabular-nums; }
section { margin-bottom: 16px; overflow-x: auto; } svg { width: 100%; height: auto; display: block; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 16px; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg .value { fill: var(--soft); } .grid { stroke: var(--rule); }
footer { color: var(--soft); font-size: 13px; }
`;
