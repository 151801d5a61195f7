/** What a county's page tells: its figures with their place, what stands out by a stated rule, and what is missing. */
import { type Cell, pointsOf, PROVINCE } from "../../data/select";
import type { AreaFile, Indicator, Point } from "../../data/types";
import { openingPeriod, standings } from "../counties/standings";

/** With fewer counties than this a rank says nothing. */
export const LEAST = 5;
const NAMED = 3;

export interface Row {
  indicator: Indicator;
  unit: string;
  period: string;
  point: Point | undefined;
  province: Point | undefined;
  points: Point[];
  rank: { rank: number; of: number; isShared: boolean } | null;
}

/** A line of the table: the newest period in which any county shows a number, whether this one does or not. */
export function rowOf(
  indicator: Indicator, unit: string, all: readonly Cell[], county: string, counties: readonly string[], shown: (value: number) => string,
): Row | null {
  const period = openingPeriod(all, counties);
  if (!period) return null;
  const here = all.filter((each) => each.period === period);
  const { ranked } = standings(here, counties, indicator.better, shown);
  const own = ranked.find((each) => each.cell.area === county);
  const points = pointsOf(all, county);
  return {
    indicator, unit, period, points,
    point: points.find((each) => each.period === period),
    province: here.find((each) => each.area === PROVINCE),
    rank: own ? { rank: own.rank, of: ranked.length, isShared: own.isShared } : null,
  };
}

/** The share of the other ranked counties that are placed before it: 0 for the first, 1 for the last. */
function before({ rank, of }: { rank: number; of: number }): number {
  return (rank - 1) / (of - 1);
}

/** The best of the upper half and the worst of the lower, three each; what has no better end is neither. */
export function outstanding(rows: readonly Row[]): { strengths: Row[]; weaknesses: Row[] } {
  const placed = rows
    .filter((row) => row.rank && row.rank.of >= LEAST && row.indicator.better !== "neither")
    .map((row) => ({ row, share: before(row.rank!) }));
  const best = placed.filter(({ share }) => share < 0.5).sort((one, other) => one.share - other.share);
  const worst = placed.filter(({ share }) => share > 0.5).sort((one, other) => other.share - one.share);
  return { strengths: best.slice(0, NAMED).map(({ row }) => row), weaknesses: worst.slice(0, NAMED).map(({ row }) => row) };
}

export interface Missing {
  what: string;
  /** codes with methods of the series that wait for it */
  series: { indicator: string; method: string }[];
}

/** Returns whose absence leaves the newest figure of a series without a number, those most wait for first. */
export function missing(file: AreaFile | undefined, returns: (indicator: string, method: string) => string | null): Missing[] {
  const found = new Map<string, Missing>();
  for (const { indicator, method, points } of file?.series ?? []) {
    const newest = points.at(-1);
    if (newest?.status !== "needs_input") continue;
    const what = newest.note ?? returns(indicator, method) ?? "";
    const known = found.get(what) ?? { what, series: [] };
    known.series.push({ indicator, method });
    found.set(what, known);
  }
  return [...found.values()].sort((one, other) => other.series.length - one.series.length || one.what.localeCompare(other.what));
}

/** How many series have a newest figure that may not be shown. */
export function withheldCount(file: AreaFile | undefined): number {
  return (file?.series ?? []).filter((each) => each.points.at(-1)?.status === "withheld").length;
}
