import { describe, expect, it } from "vitest";
import type { Catalogue, Indicator, Level } from "../../data/types";
import { breakdowns, chosen, methodsOf } from "./choice";

const indicator = (code: string, method: string, levels: Level[], dimensions = ["total"]) =>
  ({ code, method, has: { simulated: { levels, dimensions } } }) as unknown as Indicator;
const catalogue = {
  indicators: [
    indicator("enrolment", "returns", ["province", "county"], ["sex", "county_group", "total", "island"]),
    indicator("enrolment", "records", ["province", "county"]),
    indicator("enrolment", "survey", ["province"]),
    indicator("rate", "only", ["province"]),
    indicator("mean_years_schooling", "census_3plus_jc16", ["county"]),
  ],
} as unknown as Catalogue;
const pick = (code: string, method: string) => {
  const found = chosen(catalogue, "simulated", code, method)!;
  return [found.indicator.code, found.indicator.method, found.instead?.method ?? null];
};

describe("chosen", () => {
  it("is what the address asks for", () => expect(pick("enrolment", "records")).toEqual(["enrolment", "records", null]));
  it("opens with a headline", () => expect(pick("", "")).toEqual(["mean_years_schooling", "census_3plus_jc16", null]));
  it("says what it stands in for where counties have none", () => {
    expect(pick("enrolment", "survey")).toEqual(["enrolment", "returns", "survey"]);
    expect(pick("rate", "only")).toEqual(["mean_years_schooling", "census_3plus_jc16", "only"]);
  });
  it("is nothing in a realm without counties", () => expect(chosen(catalogue, "real", "", "")).toBeNull());
});

it("offers a county no breakdown into groups of counties", () => {
  expect(breakdowns(catalogue, catalogue.indicators[0]!, "simulated")).toEqual(["total", "sex"]);
  expect(methodsOf(catalogue, "simulated", "enrolment").map((each) => each.method)).toEqual(["returns", "records"]);
});

it("breaks a figure made of figures down by those that counties have, the fullest first", () => {
  const made = indicator("parity", "of_two", ["county"], ["rate.only", "enrolment.records", "mean_years_schooling.census_3plus_jc16"]);
  const fuller = { ...catalogue.indicators[4]!, has: { simulated: { ...catalogue.indicators[4]!.has.simulated!, published: 9 } } };
  const all = { indicators: [...catalogue.indicators.slice(0, 4), fuller, made] } as unknown as Catalogue;
  expect(breakdowns(all, made, "simulated")).toEqual(["mean_years_schooling.census_3plus_jc16", "enrolment.records"]);
});
