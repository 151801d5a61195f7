import { describe, expect, test } from "vitest";
import type { Indicator, Point } from "../src/data/types";
import { absence, adjustedParity, betweenShare, correlation, dissimilarity, gap, gini, parity, perHundred } from "../src/views/gaps/sentences";
import { chosen, pairOf, splitOf, splitsHeld } from "../src/views/gaps/splits";

const indicator = (given: Partial<Indicator> = {}): Indicator =>
  ({ code: "any", method: "way", subject: "lifelong", unit: "pct", unit_of_count: "person", better: "higher", has: {}, ...given }) as Indicator;
const point = (given: Partial<Point>): Point => ({ status: "published", value: 1, ...given }) as Point;
const sex = splitOf("sex", "lifelong")!;
const fixed = splitOf("county_group_fixed", "lifelong")!;

describe("parity in a sentence", () => {
  test("of shares of people it counts people per hundred", () => {
    expect(parity(0.978, { indicator: indicator(), split: sex, lang: "en" })).toBe(
      "For every 100 men there are 98 women, out of equally many of each. That is usually read as parity (97 to 103).",
    );
    expect(parity(0.978, { indicator: indicator(), split: sex, lang: "zh" })).toContain("每有100名男性，就有98名女性");
  });
  test("of pupils it speaks of girls and boys", () => {
    expect(parity(0.9, { indicator: indicator({ subject: "schools" }), split: splitOf("sex", "schools")!, lang: "en" })).toContain("100 boys there are 90 girls");
  });
  test("of years of schooling nobody is counted", () => {
    const said = parity(0.94, { indicator: indicator({ unit: "years" }), split: fixed, lang: "en" });
    expect(said).toBe("Set the figure of the other counties at 100: that of the 26 mountain counties of 2021 is 94. The disadvantage is on the side of the 26 mountain counties of 2021.");
  });
  test("the reading turns round where less is better, and is left open where neither is", () => {
    const said = (better: Indicator["better"]) => parity(1.2, { indicator: indicator({ better }), split: fixed, lang: "en" });
    expect(said("lower")).toContain("on the side of the 26 mountain counties");
    expect(said("higher")).toContain("on the side of the other counties");
    expect(said("neither")).toContain("does not say");
  });
  test("close to a hundred is not told as a hundred", () => {
    expect(perHundred(0.998)).toBe("99.8");
    expect(perHundred(1)).toBe("100");
    expect(perHundred(0.9)).toBe("90");
  });
});

test("an absolute gap of percentages is in points, and says which way", () => {
  expect(gap(-1.62, "pct", sex.one, sex.other, "en")).toBe("The figure of women is 1.6 points lower than that of men.");
  expect(gap(0.65, "years", fixed.one, fixed.other, "zh")).toBe("2021年的山区26县比其他县（市、区）高0.65 年。");
  expect(gap(0, "pct", sex.one, sex.other, "en")).toContain("the same");
});

test("every other measure uses its number", () => {
  expect(adjustedParity(1.094, "en")).toBe("It lies 0.094 from parity (1), as far as 0.906 would the other way.");
  expect(adjustedParity(1, "zh")).toBe("正好均等。");
  expect(dissimilarity(0.054, "en")).toContain("5.4%");
  expect(gini(0.044, 88, indicator(), "en")).toBe("Take two people at random: the figures of their counties differ by 8.8% of the mean, on average (88 counties).");
  expect(gini(0.044, 88, indicator({ unit_of_count: "institution" }), "en")).toContain("two counties at random");
  expect(betweenShare(32.4, "county_group_fixed", "en")).toContain("32.4% of the differences between counties lie between the 26 mountain counties of 2021 and the rest; the other 67.6%");
});

test("a correlation says which way and how closely, and nothing where there is hardly one", () => {
  expect(correlation(0.62, "en")).toContain("tends to be higher too (moderate)");
  expect(correlation(-0.8, "en")).toContain("tends to be lower (strong)");
  expect(correlation(0.05, "zh")).toBe("两者几乎没有一起变动。");
});

test("what is no number gives its reason instead of a sentence", () => {
  expect(absence(point({ status: "withheld", value: null }), "en")).toBe("A part of it is withheld, so it is too.");
  expect(absence(point({ status: "not_applicable", value: null }), "en")).toContain("nothing to compare");
  expect(absence(undefined, "zh")).toBe("这一期没有这个数字。");
  expect(absence(point({ value: 0 }), "en")).toBeNull();
});

describe("the breakdown to show", () => {
  const held = splitsHeld(indicator({ has: { simulated: { periods: [], levels: [], dimensions: ["total", "island", "county_group", "sex"], published: 1, withheld: 0, revised: 0 } } }), "simulated");
  test("is one that tells groups apart and that is held", () => expect(held).toEqual(["sex", "county_group", "island"]));
  test("is the one asked for, else the other list of the same counties, else the first", () => {
    expect(chosen(held, "island")).toBe("island");
    expect(chosen(held, "county_group_fixed")).toBe("county_group");
    expect(chosen(held, "urban_rural")).toBe("sex");
    expect(chosen([], "sex")).toBeUndefined();
  });
  test("names its pair as the derived figures do", () => expect(pairOf(fixed)).toBe("mountain26/rest"));
});
