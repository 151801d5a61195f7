/** Who stands where: ranks among counties that have a number, and who has none and why. */
import type { Cell } from "../../data/select";
import { ranked } from "../../data/select";
import type { Indicator, Status } from "../../data/types";

export type NoNumber = Exclude<Status, "published">;

export interface Standing {
  cell: Cell;
  /** 1 is first; whoever shows the same number shares a rank, and the next rank is passed over */
  rank: number;
  isShared: boolean;
}

export interface Standings {
  ranked: Standing[];
  /** those with a word in place of a number */
  without: { status: NoNumber; cells: Cell[] }[];
  /** those the data say nothing about at all */
  absent: string[];
}

const WORDS: readonly NoNumber[] = ["withheld", "needs_input", "not_applicable"];

/**
 * Ranks of one period and member. `shown` gives the number as a reader sees it: two that look the same are the same,
 * for a rank must not rest on digits that nobody is shown.
 */
export function standings(
  cells: readonly Cell[], counties: readonly string[], better: Indicator["better"], shown: (value: number) => string,
): Standings {
  const wanted = new Set(counties);
  const here = cells.filter((each) => wanted.has(each.area));
  const { first, rest } = ranked(here, better);
  const texts = first.map((each) => shown(each.value!));
  const known = new Set(here.map((each) => each.area));
  return {
    ranked: first.map((cell, at) => ({
      cell,
      rank: texts.indexOf(texts[at]!) + 1,
      isShared: texts[at - 1] === texts[at] || texts[at + 1] === texts[at],
    })),
    without: WORDS.map((status) => ({ status, cells: rest.filter((each) => each.status === status) }))
      .filter((each) => each.cells.length > 0),
    absent: counties.filter((code) => !known.has(code)),
  };
}

/** The newest period in which any of these areas shows a number; without one, the newest that is told of. */
export function openingPeriod(cells: readonly Cell[], areas: readonly string[]): string | undefined {
  const wanted = new Set(areas);
  const here = cells.filter((each) => wanted.has(each.area));
  const newest = (some: readonly Cell[]) => some.map((each) => each.period).sort().at(-1);
  return newest(here.filter((each) => each.status === "published")) ?? newest(here);
}

/** Values that share a colour: the lowest and the highest of them, and how many there are. */
export interface Class {
  from: number;
  to: number;
  count: number;
}

/** Classes of as equal a size as ties allow, lowest first: the same shown number never falls into two. */
export function classes(values: readonly number[], most: number, shown: (value: number) => string): Class[] {
  const sorted = [...values].sort((one, other) => one - other);
  const found: (Class & { place: number })[] = [];
  for (let at = 0; at < sorted.length; ) {
    let end = at + 1;
    while (end < sorted.length && shown(sorted[end]!) === shown(sorted[at]!)) end += 1;
    const place = Math.floor((((at + end) / 2) * most) / sorted.length);
    const last = found.at(-1);
    if (last?.place === place) {
      last.to = sorted[end - 1]!;
      last.count += end - at;
    } else found.push({ from: sorted[at]!, to: sorted[end - 1]!, count: end - at, place });
    at = end;
  }
  return found.map(({ from, to, count }) => ({ from, to, count }));
}

/** The class a value of those classes belongs to. */
export function classOf(all: readonly Class[], value: number): number {
  return all.findIndex((each) => value <= each.to);
}

/** Colours for so many classes, spread over the ramp from light to dark. */
export function spread<T>(ramp: readonly T[], count: number): T[] {
  if (count < 2) return ramp.slice(Math.floor(ramp.length / 2), Math.floor(ramp.length / 2) + count);
  return Array.from({ length: count }, (_, at) => ramp[Math.round((at * (ramp.length - 1)) / (count - 1))]!);
}
