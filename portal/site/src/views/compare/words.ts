/** What a comparison says, as facts that a sentence is made of. */
import type { Point } from "../../data/types";
import { isNumber, type Line, periodsOf } from "./lines";

export interface Ends {
  period: string;
  high: { name: string; value: number };
  low: { name: string; value: number };
  apart: number;
  /** how many have a number in that period */
  of: number;
  without: string[];
}

const at = (line: Line, period: string): Point | undefined => line.points.find((each) => each.period === period);

/** The highest and the lowest of one period; null where fewer than two have a number. */
export function endsAt(lines: readonly Line[], period: string): Ends | null {
  const numbers = lines.flatMap((line) => {
    const point = at(line, period);
    return isNumber(point) ? [{ name: line.name, value: point.value }] : [];
  });
  if (numbers.length < 2) return null;
  const high = numbers.reduce((one, other) => (other.value > one.value ? other : one));
  const low = numbers.reduce((one, other) => (other.value < one.value ? other : one));
  const without = lines.filter((line) => !isNumber(at(line, period))).map((line) => line.name);
  return { period, high, low, apart: high.value - low.value, of: numbers.length, without };
}

export interface Course {
  first: Ends;
  last: Ends;
  /** "wider", "narrower" or "same", told only where the same ones have a number at both ends */
  trend: "wider" | "narrower" | "same" | null;
}

/** The newest and the oldest period in which at least two have numbers; the same `shown` distance is no change. */
export function course(lines: readonly Line[], shown: (value: number) => string): Course | null {
  const all = periodsOf(lines).map((period) => endsAt(lines, period)).filter((each) => each !== null);
  const last = all.at(-1);
  if (!last) return null;
  const alike = (one: Ends) => one.of === last.of && one.without.every((name) => last.without.includes(name));
  const first = all.find(alike)!;
  if (first === last) return { first, last, trend: null };
  const isSame = shown(first.apart) === shown(last.apart);
  return { first, last, trend: isSame ? "same" : last.apart > first.apart ? "wider" : "narrower" };
}

/** The newest period in which any of them shows a number, else the newest there is. */
export function newestShown(lines: readonly Line[]): string | undefined {
  const periods = periodsOf(lines);
  return periods.findLast((period) => lines.some((line) => isNumber(at(line, period)))) ?? periods.at(-1);
}

export { at as pointAt };
