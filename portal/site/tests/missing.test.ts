import { expect, test } from "vitest";
import type { Catalogue, GapsFile } from "../src/data/types";
import { bySubject, NOBODY, sourcesIn, waiting, yearsIn } from "../src/views/missing/returns";

const gap = (given: Partial<GapsFile[number]>): GapsFile[number] => ({
  indicator: "a", method: "m", realm: "simulated", missing_return: "报表 a return (source returns.schools)", sources: ["returns.schools"], numbers: 1, areas: [], ...given,
});

test("sources are read from the words, several in a row too, and no farther", () => {
  expect(sourcesIn("学校 bundle (source oneroster); 人口 population (source census.population_by_age; the age groups of census.county_yearbook are too wide)")).toEqual(["oneroster", "census.population_by_age"]);
  expect(sourcesIn("graduates and vacancies (sources returns.graduates and returns.vacancies)")).toEqual(["returns.graduates", "returns.vacancies"]);
  expect(sourcesIn("records (sources oneroster oulad senior hr xapi caliper) and population")).toHaveLength(6);
  expect(sourcesIn("survey (source returns.surveys, indicator_code skilled_ratio)")).toEqual(["returns.surveys"]);
});

test("what no source delivers is sent by nobody, though another source is named", () => {
  expect(sourcesIn("students by age (no source delivers it yet; returns.higher_education has no ages)")).toEqual([]);
  expect(waiting([gap({ missing_return: "x (no source delivers it yet)", sources: ["delivers"] })], "simulated")[0]!.key).toBe(NOBODY);
});

test("years of one return stand together, and realms never meet", () => {
  const of = (year: string) => gap({ missing_return: `人口 population of ${year} (source census.population_by_age)`, sources: ["census.population_by_age"], numbers: 3, areas: ["330106"] });
  const [first, ...rest] = waiting([of("2016"), of("2017"), gap({ realm: "real" })], "simulated");
  expect(rest).toEqual([]);
  expect(first).toMatchObject({ key: "census.population_by_age", numbers: 6, years: ["2016", "2017"], areas: ["330106"], indicators: ["a.m"] });
  expect(yearsIn("needs every year of 2023 to 2025, has none")).toEqual(["2023", "2024", "2025"]);
});

test("what most numbers wait for comes first", () => {
  const groups = waiting([gap({}), gap({ missing_return: "(source hr)", sources: ["hr"], numbers: 9 })], "simulated");
  expect(groups.map((each) => each.key)).toEqual(["hr", "returns.schools"]);
});

test("subjects count what waits beside what is published and withheld", () => {
  const indicator = (code: string, subject: string) => ({ code, method: "m", subject, has: { simulated: { published: 5, withheld: 2 } } });
  const catalogue = { indicators: [indicator("a", "schools"), indicator("b", "adults")] } as unknown as Catalogue;
  expect(bySubject(catalogue, "simulated", waiting([gap({ numbers: 4 })], "simulated"))).toEqual([
    { subject: "schools", indicators: 1, numbers: 4, published: 5, withheld: 2 },
    { subject: "adults", indicators: 0, numbers: 0, published: 5, withheld: 2 },
  ]);
});
