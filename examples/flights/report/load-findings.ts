// Reads what the report shows from the gold tables.
import type { JobData } from "millrace";

export interface Findings {
  readonly flights: number;
  readonly quarantined: number;
  readonly duplicates: number;
  readonly from: string;
  readonly to: string;
  readonly onTimeShare: number;
  readonly routes: readonly {
    readonly route: string;
    readonly cities: string;
    readonly flights: number;
    readonly meanDelay: number;
  }[];
  readonly punctual: readonly RankedAirport[];
  readonly late: readonly RankedAirport[];
  readonly days: readonly { readonly day: string; readonly flights: number; readonly meanDelay: number }[];
}

export interface RankedAirport {
  readonly rank: number;
  readonly airport: string;
  readonly city: string;
  readonly flights: number;
  readonly onTimeShare: number;
}

export async function loadFindings(
  data: JobData,
  limits: { topRoutes: number; topAirports: number },
): Promise<Findings> {
  const [totals = {}] = await data.query(
    `select sum(flights) as flights, sum(on_time_flights) / sum(flights) as on_time_share, min(day) as first_day, max(day) as last_day
     from delay_by_airport_day`,
  );
  const raw = await data.dataset("raw_flights");
  const late = await data.dataset("late_flights");
  const quarantined =
    (await data.dataset("raw_flights_quarantine")).rowCount + (await data.dataset("late_flights_quarantine")).rowCount;
  const { topRoutes, topAirports } = limits;
  const routes =
    await data.query`select * from busiest_routes order by flights desc, origin, destination limit ${topRoutes}`;
  const punctual = await data.query`select * from on_time_ranking order by rank limit ${topAirports}`;
  const latest = await data.query`select * from on_time_ranking order by rank desc limit ${topAirports}`;
  const days = await data.query(
    `select day, sum(flights) as flights, sum(mean_delay_minutes * flights) / sum(flights) as mean_delay
     from delay_by_airport_day group by day
     having sum(flights) >= 1000 -- the last day has six flights, which say nothing about it
     order by day`,
  );
  const flights = Number(totals["flights"]);
  return {
    flights,
    quarantined,
    duplicates: raw.rowCount + late.rowCount - flights,
    from: String(totals["first_day"]),
    to: String(totals["last_day"]),
    onTimeShare: Number(totals["on_time_share"]),
    routes: routes.map((row) => ({
      route: `${String(row["origin"])} → ${String(row["destination"])}`,
      cities: `${String(row["origin_city"])} to ${String(row["destination_city"])}`,
      flights: Number(row["flights"]),
      meanDelay: Number(row["mean_delay_minutes"]),
    })),
    punctual: punctual.map(toRankedAirport),
    late: latest.map(toRankedAirport),
    days: days.map((row) => ({
      day: String(row["day"]),
      flights: Number(row["flights"]),
      meanDelay: Number(row["mean_delay"]),
    })),
  };
}

function toRankedAirport(row: Readonly<Record<string, unknown>>): RankedAirport {
  return {
    rank: Number(row["rank"]),
    airport: String(row["airport"]),
    city: `${String(row["city"])}, ${String(row["state"])}`,
    flights: Number(row["flights"]),
    onTimeShare: Number(row["on_time_share"]),
  };
}
