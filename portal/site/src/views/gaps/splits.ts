/** The ways a figure is told apart by group, as release/derive.py pairs them: the likely disadvantaged group first. */
import type { Indicator, Named, Realm } from "../../data/types";

export interface Group extends Named {
  member: string;
}

export interface Split {
  /** the breakdown whose file holds both groups */
  dimension: string;
  /** the tab it stands under; the two lists of mountain counties share one */
  tab: Tab;
  one: Group;
  other: Group;
  /** the catalogue's list that holds the counties of `one`; null where the groups are people */
  list: string | null;
}

export const TABS = ["sex", "urban_rural", "mountain", "island", "age_band"] as const;
export type Tab = (typeof TABS)[number];

export const FIXED = "county_group_fixed";
export const TODAY = "county_group";
export const AGE = "age_band";

const SPLITS: readonly Split[] = [
  {
    dimension: "sex", tab: "sex", list: null,
    one: { member: "female", zh: "女性", en: "women" },
    other: { member: "male", zh: "男性", en: "men" },
  },
  {
    dimension: "urban_rural", tab: "urban_rural", list: null,
    one: { member: "rural", zh: "乡村", en: "the countryside" },
    other: { member: "urban", zh: "城区", en: "the cities" },
  },
  {
    dimension: FIXED, tab: "mountain", list: "mountain26_2021",
    one: { member: "mountain26", zh: "2021年的山区26县", en: "the 26 mountain counties of 2021" },
    other: { member: "rest", zh: "其他县（市、区）", en: "the other counties" },
  },
  {
    dimension: TODAY, tab: "mountain", list: "mountain",
    one: { member: "listed", zh: "名单上的山区海岛县", en: "the mountain and island counties on the list" },
    other: { member: "rest", zh: "其他县（市、区）", en: "the other counties" },
  },
  {
    dimension: "island", tab: "island", list: "island",
    one: { member: "island", zh: "海岛县", en: "the island counties" },
    other: { member: "mainland", zh: "陆地县", en: "the mainland counties" },
  },
];
const PUPILS: Readonly<Record<string, Named>> = { female: { zh: "女生", en: "girls" }, male: { zh: "男生", en: "boys" } };

/** The split by its breakdown, in words that fit the indicator: of pupils, girls and boys. */
export function splitOf(dimension: string, subject: string): Split | undefined {
  const split = SPLITS.find((each) => each.dimension === dimension);
  if (!split || subject !== "schools" || split.dimension !== "sex") return split;
  const named = (group: Group): Group => ({ ...group, ...PUPILS[group.member] });
  return { ...split, one: named(split.one), other: named(split.other) };
}

/** The tab a breakdown stands under. */
export function tabOf(dimension: string): Tab {
  return SPLITS.find((each) => each.dimension === dimension)?.tab ?? AGE;
}

/** The breakdowns that show a gap, of those a realm holds of an indicator. */
export function splitsHeld(indicator: Indicator, realm: Realm): string[] {
  const held = indicator.has[realm]?.dimensions ?? [];
  return [...SPLITS.map((each) => each.dimension), AGE].filter((dimension) => held.includes(dimension));
}

/** The breakdown to show: the one asked for where it is held, else the first; undefined where there is none. */
export function chosen(held: readonly string[], asked: string): string | undefined {
  if (held.includes(asked)) return asked;
  const sameTab = held.find((each) => asked && tabOf(each) === tabOf(asked));
  return sameTab ?? held[0];
}

/** How a pair is named as member of a derived figure. */
export const pairOf = (split: Split) => `${split.one.member}/${split.other.member}`;
