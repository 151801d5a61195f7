/** Pure questions to the documents: nothing here fetches, formats or guesses a number that was not published. */
import type {
  Area, AreaFile, Catalogue, Holdings, Indicator, Level, Point, Realm, Status, Target, ValuesFile,
} from "./types";

export const PROVINCE = "330000";
export const TOTAL = "total";
const STATUSES: Readonly<Record<string, Status>> = {
  p: "published", w: "withheld", n: "needs_input", x: "not_applicable",
};

/** A number in a breakdown, with what it is about. */
export interface Cell extends Point {
  area: string;
  member: string;
}

/** The realm a page opens: the real one where it has a county, else the invented province. */
export function openingRealm(catalogue: Catalogue): Realm {
  const real = catalogue.realms.find((each) => each.code === "real");
  if (real && real.counties > 0) return "real";
  return catalogue.realms.find((each) => each.published > 0 && each.code === "simulated")?.code ?? "real";
}

/** An indicator by code and method; without a method its first. */
export function indicatorOf(catalogue: Catalogue, code: string, method?: string): Indicator | undefined {
  return catalogue.indicators.find((each) => each.code === code && (!method || each.method === method));
}

/** What a realm holds of it; undefined where it was never computed there. */
export function holdings(indicator: Indicator | undefined, realm: Realm): Holdings | undefined {
  return indicator?.has[realm];
}

export function areaOf(catalogue: Catalogue, code: string): Area | undefined {
  return catalogue.areas.find((each) => each.code === code);
}

export function areasAt(catalogue: Catalogue, level: Level): Area[] {
  return catalogue.areas.filter((each) => each.level === level);
}

/** Counties of a prefecture, in the order of the catalogue. */
export function within(catalogue: Catalogue, parent: string): Area[] {
  return catalogue.areas.filter((each) => each.parent === parent);
}

/** Points of one indicator in an area's file, oldest first; empty where there are none. */
export function seriesOf(file: AreaFile | undefined, code: string, method: string): Point[] {
  return file?.series.find((each) => each.indicator === code && each.method === method)?.points ?? [];
}

export function at(points: readonly Point[], period: string): Point | undefined {
  return points.find((each) => each.period === period);
}

/** The newest period, whatever its status: a number withheld today is not replaced by last year's. */
export function newest(points: readonly Point[]): Point | undefined {
  return points.at(-1);
}

/** The point of that period or, unasked, of the newest one. */
export function shown(points: readonly Point[], period?: string): Point | undefined {
  return period ? at(points, period) : newest(points);
}

/** The breakdown with its indexes resolved. */
export function cells(file: ValuesFile): Cell[] {
  return file.rows.map(([area, period, member, mark, value, low, high, numerator, denominator, coverage, note]) => ({
    area: file.areas[area]!,
    period: file.periods[period]!,
    member: file.members[member]!,
    status: STATUSES[mark]!,
    value, low, high, numerator, denominator, coverage,
    as_of: file.as_of[period]!,
    version: file.version,
    note: note === null ? null : (file.notes[note] ?? null),
  }));
}

/** Points of one area and member, oldest first. */
export function pointsOf(all: readonly Cell[], area: string, member = TOTAL): Cell[] {
  return all
    .filter((each) => each.area === area && each.member === member)
    .sort((one, other) => one.period.localeCompare(other.period));
}

/** Areas with a published number of one period, best first (`higher`), and the others: a missing one has no rank. */
export function ranked(all: readonly Cell[], better: Indicator["better"]): { first: Cell[]; rest: Cell[] } {
  const up = better === "lower" ? 1 : -1;
  const first = all
    .filter((each) => each.status === "published" && each.value !== null)
    .sort((one, other) => up * (one.value! - other.value!) || one.area.localeCompare(other.area));
  return { first, rest: all.filter((each) => each.status !== "published" || each.value === null) };
}

/** The target next to come for a figure (else the last that was), of the realm. */
export function targetOf(
  catalogue: Catalogue, realm: Realm, code: string, method: string, area: string, after: string,
): Target | undefined {
  const year = Number.parseInt(after, 10) || 0;
  const all = targetsOf(catalogue, realm, code, method, area);
  return all.find((each) => each.year >= year) ?? all.at(-1);
}

/** Every target of a figure, the next to come first in time. */
export function targetsOf(catalogue: Catalogue, realm: Realm, code: string, method: string, area: string): Target[] {
  return catalogue.targets
    .filter((each) => each.realm === realm && each.indicator === code && each.method === method && each.area === area)
    .sort((one, other) => one.year - other.year);
}

/** How far a value is from its target, in the target's unit; `isMet` says whether it is there. */
export function distance(value: number, target: Target): { isMet: boolean; by: number } {
  const isMet = target.direction === "at_most" ? value <= target.value : value >= target.value;
  return { isMet, by: Math.abs(value - target.value) };
}
