import { describe, expect, it } from "vitest";
import type { Catalogue, Indicator, Point, Status } from "../../data/types";
import { ends, type Line, lineOption, versionChanges } from "./lines";
import { figuresOf, opening, pathsOf, sidesOf } from "./sides";
import { course, endsAt, newestShown } from "./words";

const point = (period: string, value: number | null, status: Status = "published", version = 1): Point => ({
  period, status, value, low: null, high: null, numerator: null, denominator: null, coverage: null, as_of: "2025-12-31", version, note: null,
});
const catalogue = {
  realms: [{ code: "real", counties: 0 }, { code: "simulated", counties: 8 }],
  areas: [
    { code: "330000", level: "province", parent: null, zh: "浙江省", en: "Zhejiang" },
    { code: "330100", level: "prefecture", parent: "330000", zh: "杭州市", en: "Hangzhou" },
    ...Array.from({ length: 8 }, (_, at) => ({ code: `33010${at + 1}`, level: "county", parent: "330100", zh: `县${at}`, en: `County ${at}` })),
  ],
  dimensions: {
    county_group_fixed: { zh: "", en: "", members: [{ code: "mountain26", zh: "山区26县", en: "The 26" }, { code: "rest", zh: "其他县", en: "Other counties" }] },
    sex: { zh: "", en: "", members: [{ code: "female", zh: "女", en: "women" }] },
  },
} as unknown as Catalogue;
const indicator = { code: "rate", method: "m1", has: { simulated: { dimensions: ["total", "county_group_fixed"] } } } as unknown as Indicator;

describe("sides", () => {
  it("are what the address names, six at most, each once, the unknown passed over", () => {
    const keys = sidesOf(catalogue, "330101,330101,nowhere,sex.female,county_group_fixed.rest,330102,330103,330104,330105,330106,330107").map((each) => each.key);
    expect(keys).toEqual(["330101", "county_group_fixed.rest", "330102", "330103", "330104", "330105"]);
  });
  it("say of the others what they are other than", () => {
    expect(sidesOf(catalogue, "county_group_fixed.rest")[0]!.named.en).toBe("Counties outside the 26");
  });
  it("open with the place the reader comes from", () => {
    expect(opening(catalogue, "simulated", "330101")).toBe("330101,330000,county_group_fixed.mountain26,county_group_fixed.rest");
    expect(opening(catalogue, "simulated", "nowhere")).toMatch(/^330000,/);
    expect(opening(catalogue, "real", "")).toBe("330000,330100");
  });
  it("take figures of one method alone", () => {
    const sides = sidesOf(catalogue, "330101");
    const file = { series: [{ indicator: "rate", method: "m2", points: [point("2024", 9)] }, { indicator: "rate", method: "m1", points: [point("2024", 5)] }] };
    expect(figuresOf(new Map([["areas/simulated/330101.json", file]]), "simulated", sides[0]!, indicator)).toEqual([point("2024", 5)]);
    expect(pathsOf("simulated", sidesOf(catalogue, "330101,county_group_fixed.rest"), [indicator])).toEqual([
      "areas/simulated/330101.json", "values/simulated/rate/m1/county_group_fixed.json",
    ]);
  });
});

const shown = (value: number) => value.toFixed(1);
const lines: Line[] = [
  { name: "a", points: [point("2023", 10), point("2024", null, "withheld"), point("2025", 14)] },
  { name: "b", points: [point("2023", 8), point("2024", 9), point("2025", 9)] },
  { name: "c", points: [point("2023", null, "needs_input"), point("2024", 30), point("2025", null, "withheld")] },
];

describe("the difference in words", () => {
  it("is between the highest and the lowest that have a number", () => {
    expect(endsAt(lines, "2024")).toMatchObject({ high: { name: "c" }, low: { name: "b" }, apart: 21, without: ["a"] });
    expect(endsAt(lines.slice(0, 1), "2025")).toBeNull();
  });
  it("compares years in which the same ones have a number", () => {
    const told = course(lines, shown)!;
    expect([told.first.period, told.last.period, told.trend]).toEqual(["2023", "2025", "wider"]);
    expect(course(lines.slice(0, 2).map((each) => ({ ...each, points: each.points.slice(2) })), shown)!.trend).toBeNull();
  });
  it("opens at the newest period with a number", () => {
    expect(newestShown([{ name: "a", points: [point("2024", 1), point("2025", null, "withheld")] }])).toBe("2024");
  });
});

describe("the chart", () => {
  const option = lineOption({ lines, unit: "pct", lang: "en", word: (status) => status }) as {
    series: { type: string; name: string; data: unknown[]; connectNulls?: boolean; symbol: string; lineStyle?: { type: unknown } }[];
  };
  const drawn = option.series.filter((each) => each.type === "line");
  it("draws no line through what is no number, and never as zero", () => {
    expect(drawn[0]!.data).toEqual([10, null, 14]);
    expect(drawn.every((each) => each.connectNulls === false)).toBe(true);
  });
  it("marks it by an open ring at the foot", () => {
    const rings = option.series.filter((each) => each.type === "scatter");
    expect(rings.map((each) => each.data.length)).toEqual([1, 0, 2]);
  });
  it("tells lines apart by dash and marker too", () => {
    expect(new Set(drawn.map((each) => each.symbol)).size).toBe(3);
    expect(new Set(drawn.map((each) => JSON.stringify(each.lineStyle!.type))).size).toBe(3);
  });
  it("has an axis that holds all values and does not go below nothing", () => {
    expect(ends([0.2, 9])).toMatchObject({ min: 0 });
    const { min, max } = ends([60.1, 63.9]);
    expect(min).toBeLessThan(60.1);
    expect(max).toBeGreaterThan(63.9);
    expect(ends([5, 5]).max).toBeGreaterThan(5);
  });
});

it("tells where a definition changed between periods", () => {
  expect(versionChanges([point("2023", 1), point("2024", 2, "published", 2), point("2025", null, "withheld", 3)])).toEqual([
    { period: "2024", from: 1, to: 2 },
  ]);
});
