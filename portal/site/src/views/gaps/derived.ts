/** The published figures that are made of an indicator's others: where they lie, and the one that is asked for. */
import { useValues } from "../../data/load";
import { type Cell, cells } from "../../data/select";
import type { Catalogue, Indicator, Realm, ValuesFile } from "../../data/types";
import type { Loaded } from "../../data/load";

/** Each derived indicator with its only method. */
export const METHODS = {
  parity_index: "sdg_4_5_1",
  parity_index_adjusted: "sdg_4_5_1",
  gap_absolute: "difference",
  dissimilarity_over_counties: "duncan",
  theil_of_counties: "theil_t",
  theil_between_groups: "theil_t",
  theil_within_groups: "theil_t",
  theil_between_share: "theil_t",
  gini_of_counties: "lorenz",
  correlation_pearson: "over_counties",
  correlation_spearman: "over_counties",
  withheld_figures: "count",
} as const;
export type Kind = keyof typeof METHODS;

/** The definition of a derived figure. */
export function definitionOf(catalogue: Catalogue, kind: Kind): Indicator | undefined {
  return catalogue.indicators.find((each) => each.code === kind && each.method === METHODS[kind]);
}

/** Whether a realm holds that figure made of that indicator. */
export function isMade(catalogue: Catalogue, realm: Realm, kind: Kind, input: string): boolean {
  return definitionOf(catalogue, kind)?.has[realm]?.dimensions.includes(input) ?? false;
}

/** The figures of one kind made of one indicator (`code.method`); absent where none were made. */
export function useDerived(catalogue: Catalogue, realm: Realm, kind: Kind, input: string): Loaded<ValuesFile> {
  return useValues(realm, isMade(catalogue, realm, kind, input) ? kind : null, METHODS[kind], input);
}

/** The figure of one area, member and period. */
export function figureAt(file: ValuesFile | undefined, area: string, member: string, period: string): Cell | undefined {
  return file && cells(file).find((each) => each.area === area && each.member === member && each.period === period);
}
