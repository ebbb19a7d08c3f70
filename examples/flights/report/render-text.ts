// The findings for a terminal. The same findings always give the same text.
import type { Findings, RankedAirport } from "./load-findings.ts";

export function renderText(findings: Findings): string {
  return [
    `${count(findings.flights)} flights, ${findings.from} to ${findings.to}: ${percent(findings.onTimeShare)} left less than 15 minutes late`,
    `${count(findings.quarantined)} rows quarantined, ${count(findings.duplicates)} duplicates dropped`,
    "",
    "busiest routes",
    ...findings.routes.map(
      (row) =>
        `  ${row.route}   ${row.cities.padEnd(34)}${count(row.flights).padStart(7)} flights${row.meanDelay.toFixed(1).padStart(7)} min late`,
    ),
    "",
    "most punctual airports",
    ...findings.punctual.map(airportLine),
    "",
    "least punctual airports",
    ...findings.late.map(airportLine),
    "",
  ].join("\n");
}

function airportLine(row: RankedAirport): string {
  return `  ${String(row.rank).padStart(3)}  ${row.airport}  ${row.city.padEnd(30)}${percent(row.onTimeShare).padStart(7)} on time of ${count(row.flights).padStart(7)}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
