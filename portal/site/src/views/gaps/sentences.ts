/** What a measure of a gap means, in a sentence that uses the number. Pure; a number that is not there gets its reason. */
import { amount, distanceInWords, number } from "../../data/format";
import type { Indicator, Lang, Point } from "../../data/types";
import { sayer } from "../../words";
import { GAPS } from "../../words/gaps";
import type { Group, Split } from "./splits";

/** What a figure is made of: the indicator, the two groups, the reader's language. */
export interface About {
  indicator: Indicator;
  split: Split;
  lang: Lang;
}

/** The band that is usually read as parity (SDG 4.5.1). */
const PARITY = [0.97, 1.03] as const;

/** Why there is no number; null where there is one. */
export function absence(point: Point | undefined, lang: Lang): string | null {
  const say = sayer(GAPS, lang);
  if (!point) return say("notMade");
  if (point.status === "published" && point.value !== null) return null;
  return point.status === "withheld" ? say("partWithheld") : say("nothingToCompare");
}

/** "For every 100 men there are 98 women": of shares of people by sex; else with the other group's figure set at 100. */
export function parity(value: number, { indicator, split, lang }: About): string {
  const say = sayer(GAPS, lang);
  const isPeople = split.dimension === "sex" && indicator.unit === "pct" && indicator.unit_of_count === "person";
  const facts = { a: split.one[lang], b: split.other[lang], n: perHundred(value) };
  return `${say(isPeople ? "people" : "hundred", facts)}${lang === "en" ? " " : ""}${verdict(value, { indicator, split, lang })}`;
}

/** A figure per hundred without a false "100": close to it, it is told to a tenth. */
export function perHundred(value: number): string {
  const hundred = 100 * value;
  return Math.abs(hundred - 100) < 1 && hundred !== 100 ? hundred.toFixed(1) : hundred.toFixed(0);
}

function verdict(value: number, { indicator, split, lang }: About): string {
  const say = sayer(GAPS, lang);
  if (value >= PARITY[0] && value <= PARITY[1]) return say("atParity");
  if (indicator.better === "neither") return say("apart");
  const isOneBehind = value < 1 === (indicator.better === "higher");
  return say("behind", { who: (isOneBehind ? split.one : split.other)[lang] });
}

/** How far from 1, and what would be as far the other way. */
export function adjustedParity(value: number, lang: Lang): string {
  const say = sayer(GAPS, lang);
  const by = Math.abs(value - 1);
  if (by < 0.0005) return say("adjustedSame");
  return say("adjusted", { by: number(by, "index", lang), mirror: number(2 - value, "index", lang) });
}

/** Lower or higher by how much, in the indicator's unit. */
export function gap(value: number, unit: string, one: Group, other: Group, lang: Lang): string {
  const say = sayer(GAPS, lang);
  const facts = { a: one[lang], b: other[lang], by: distanceInWords(Math.abs(value), unit, lang) };
  return say(value < 0 ? "lower" : value > 0 ? "higher" : "same", facts);
}

/** The share of one group that would have to move. */
export function dissimilarity(value: number, lang: Lang): string {
  return sayer(GAPS, lang)("dissimilar", { pct: amount(100 * value, "pct", lang) });
}

/** The index, and what 0 would mean. */
export function theil(value: number, counties: number | null, lang: Lang): string {
  return sayer(GAPS, lang)("theil", { value: significant(value), n: counties ?? "—" });
}

/** Twice Gini's index is the mean distance of two draws over the mean. */
export function gini(value: number, counties: number | null, indicator: Indicator, lang: Lang): string {
  const key = indicator.unit_of_count === "person" ? "gini" : "giniPlaces";
  return sayer(GAPS, lang)(key, { pct: amount(200 * value, "pct", lang), n: counties ?? "—" });
}

/** Two digits that tell something: the index is small where counties are much alike. */
function significant(value: number): string {
  return value === 0 ? "0" : Number(value.toPrecision(2)).toString();
}

export type Grouping = "county_group_fixed" | "prefecture";

/** How much of the counties' differences lies between groups of them, and how much inside. */
export function betweenShare(value: number, grouping: Grouping, lang: Lang): string {
  const say = sayer(GAPS, lang);
  const isFixed = grouping === "county_group_fixed";
  return say("share", {
    pct: amount(value, "pct", lang),
    rest: amount(100 - value, "pct", lang),
    between: say(isFixed ? "betweenFixed" : "betweenPrefecture"),
    within: say(isFixed ? "withinFixed" : "withinPrefecture"),
  });
}

/** Which way two indicators go together, and how closely; the reader is told elsewhere that it is no cause. */
export function correlation(value: number, lang: Lang): string {
  const say = sayer(GAPS, lang);
  const size = Math.abs(value);
  if (size < 0.2) return say("goesNowhere");
  const strength = say(size < 0.4 ? "weak" : size < 0.7 ? "moderate" : "strong");
  return say(value > 0 ? "goesUp" : "goesDown", { strength });
}
