/** The dozen figures a county is told by, and what takes the place of one that the realm does not have by county. */
import { indicatorOf } from "../../data/select";
import type { Catalogue, Indicator, Realm } from "../../data/types";
import { isByCounty } from "../counties/choice";

export const MOST = 12;

/** Wanted first; the second of a pair stands in where the first has no county figure to show. */
export const HEADLINES: readonly (readonly [code: string, method: string])[] = [
  ["lifelong_learning_participation", "administrative_12m"],
  ["senior_participation", "senior_universities"],
  ["digital_learning_reach", "administrative_12m"],
  ["mean_years_schooling", "census_3plus_jc16"],
  ["expected_years_of_schooling", "uis_schools"],
  ["gross_enrolment_kindergarten", "records_by_residence"],
  ["gross_enrolment_senior", "records_by_residence"],
  ["school_places_occupancy", "returns_places"],
  ["pupil_teacher_ratio", "returns_full_time"],
  ["small_school_share", "returns_headcount"],
  ["skilled_ratio", "registered_employment"],
  ["community_learning_points", "monthly_returns"],
  ["credit_transfer_rate", "learners"],
  ["first_job_within_12_months", "registered_employment"],
  ["education_group_coverage", "returns_groups_and_pairs"],
  ["senior_participation", "any_source"],
  ["kindergarten_public_inclusive_share", "returns_headcount"],
  ["education_gini", "census_3plus_jc16"],
];

/** Headlines a realm has by county, one method an indicator, a dozen at most. */
export function headlinesOf(catalogue: Catalogue, realm: Realm): Indicator[] {
  const found: Indicator[] = [];
  const take = (each: Indicator | undefined) => {
    const isNew = each && !found.some((one) => one.code === each.code);
    if (isNew && isByCounty(each, realm) && each.has[realm]!.dimensions.includes("total") && found.length < MOST) found.push(each);
  };
  for (const [code, method] of HEADLINES) take(indicatorOf(catalogue, code, method));
  const more = catalogue.indicators
    .filter((each) => each.better !== "neither" && each.subject !== "inequality" && each.subject !== "forecast")
    .sort((one, other) => (other.has[realm]?.published ?? 0) - (one.has[realm]?.published ?? 0));
  for (const each of more) take(each);
  return found;
}

/** The same for comparing larger places, where a realm has nothing by county: what it shows a number of. */
export function shownAnywhere(catalogue: Catalogue, realm: Realm): Indicator[] {
  const byCounty = headlinesOf(catalogue, realm);
  if (byCounty.length) return byCounty;
  return catalogue.indicators.filter((each) => each.has[realm]?.dimensions.includes("total") && each.has[realm].published > 0).slice(0, MOST);
}
