/** Which figures the address asks for, and what is shown where it asks for none or for what counties do not have. */
import { indicatorOf, TOTAL } from "../../data/select";
import type { Catalogue, Indicator, Realm } from "../../data/types";

/** The first of these that the realm has by county opens the page. */
const FIRST: readonly (readonly [string, string])[] = [
  ["lifelong_learning_participation", "administrative_12m"],
  ["mean_years_schooling", "census_3plus_jc16"],
];
/** Breakdowns whose members are counties themselves: a county has none of them. */
export const GROUPS_OF_COUNTIES: ReadonlySet<string> = new Set(["county_group", "county_group_fixed", "island", "prefecture"]);

export function isByCounty(indicator: Indicator, realm: Realm): boolean {
  return indicator.has[realm]?.levels.includes("county") ?? false;
}

export interface Chosen {
  indicator: Indicator;
  /** asked for, but without figures by county */
  instead: Indicator | null;
}

export function chosen(catalogue: Catalogue, realm: Realm, code: string, method: string): Chosen | null {
  const asked = code ? (indicatorOf(catalogue, code, method) ?? indicatorOf(catalogue, code)) : undefined;
  if (asked && isByCounty(asked, realm)) return { indicator: asked, instead: null };
  const held = catalogue.indicators.filter((each) => isByCounty(each, realm));
  const sibling = held.find((each) => each.code === code);
  const first = FIRST.map(([one, way]) => held.find((each) => each.code === one && each.method === way)).find((each) => each);
  const indicator = sibling ?? first ?? held[0];
  return indicator ? { indicator, instead: asked ?? null } : null;
}

/** Ways of counting the same thing that counties have figures of. */
export function methodsOf(catalogue: Catalogue, realm: Realm, code: string): Indicator[] {
  return catalogue.indicators.filter((each) => each.code === code && isByCounty(each, realm));
}

/**
 * Breakdowns a county may have, the total first. A figure made of figures is broken down by what it is made of
 * ("mean_years_schooling.census_3plus_jc16"): only by what counties have, and what there is most of comes first.
 */
export function breakdowns(catalogue: Catalogue, indicator: Indicator, realm: Realm): string[] {
  const held = (indicator.has[realm]?.dimensions ?? []).filter((each) => !GROUPS_OF_COUNTIES.has(each));
  const inputs = new Map(catalogue.indicators.map((each) => [`${each.code}.${each.method}`, each]));
  // within a county women and men are what is compared most, so figures told by sex come before the others
  const weight = (dimension: string) => {
    const input = inputs.get(dimension)?.has[realm];
    return dimension === TOTAL ? Infinity : (input?.published ?? 0) + (input?.dimensions.includes("sex") ? 1e9 : 0);
  };
  return held
    .filter((each) => !inputs.has(each) || isByCounty(inputs.get(each)!, realm))
    .sort((one, other) => (weight(one) === weight(other) ? 0 : weight(other) - weight(one)));
}
