import { describe, expect, it } from "vitest";
import type { Cell } from "../../data/select";
import type { AreaFile, Catalogue, Indicator, Point, Status } from "../../data/types";
import { headlinesOf } from "./headlines";
import { missing, outstanding, type Row, rowOf, withheldCount } from "./telling";

const indicator = (code: string, better: Indicator["better"] = "higher", method = "m", levels = ["county"]) =>
  ({ code, method, better, subject: "schools", has: { simulated: { levels, dimensions: ["total"], published: 1 } } }) as unknown as Indicator;
const cell = (area: string, value: number | null, status: Status = "published", period = "2025"): Cell => ({
  area, period, member: "total", status, value, low: null, high: null, numerator: null, denominator: null,
  coverage: null, as_of: "2025-12-31", version: 1, note: null,
});
const shown = (value: number) => value.toFixed(1);

describe("a row", () => {
  const all = [cell("a", 5), cell("b", 7), cell("w", null, "withheld"), cell("330000", 6), cell("a", 1, "published", "2020")];
  it("ranks among the counties that have a number", () => {
    const row = rowOf(indicator("x"), "pct", all, "a", ["a", "b", "w"], shown)!;
    expect([row.period, row.point!.value, row.province!.value, row.rank]).toEqual(["2025", 5, 6, { rank: 2, of: 2, isShared: false }]);
    expect(row.points).toHaveLength(2);
  });
  it("keeps the word and has no rank where there is no number, though an older one exists", () => {
    const row = rowOf(indicator("x"), "pct", [...all, cell("w", 4, "published", "2020")], "w", ["a", "b", "w"], shown)!;
    expect([row.point!.status, row.rank]).toEqual(["withheld", null]);
  });
});

const placed = (code: string, rank: number, of: number, better: Indicator["better"] = "higher") =>
  ({ indicator: indicator(code, better), rank: { rank, of, isShared: false } }) as unknown as Row;
const codes = (rows: Row[]) => rows.map((each) => each.indicator.code);

describe("strengths and weaknesses", () => {
  it("are the best of the upper and the worst of the lower half, three each", () => {
    const found = outstanding([
      placed("a", 1, 90), placed("b", 10, 90), placed("c", 40, 90), placed("d", 3, 30), placed("e", 90, 90), placed("f", 60, 90), placed("g", 9, 10),
    ]);
    expect(codes(found.strengths)).toEqual(["a", "d", "b"]);
    expect(codes(found.weaknesses)).toEqual(["e", "g", "f"]);
  });
  it("are never what has no better end, too few counties, or no rank", () => {
    const none = { indicator: indicator("n"), rank: null } as unknown as Row;
    const found = outstanding([placed("a", 1, 90, "neither"), placed("b", 1, 4), none, placed("m", 5, 9)]);
    expect([...found.strengths, ...found.weaknesses]).toEqual([]);
  });
});

describe("what is missing", () => {
  const point = (status: Status, note: string | null = null) => ({ period: "2025", status, note }) as Point;
  const file = {
    series: [
      { indicator: "a", method: "m", points: [point("published"), point("needs_input", "the census")] },
      { indicator: "b", method: "m", points: [point("needs_input", "the census")] },
      { indicator: "c", method: "m", points: [point("needs_input", "old"), point("published")] },
      { indicator: "d", method: "m", points: [point("needs_input")] },
      { indicator: "e", method: "m", points: [point("withheld")] },
    ],
  } as unknown as AreaFile;
  it("is told by the return it waits for, for the newest figures alone", () => {
    expect(missing(file, () => "the register").map((each) => [each.what, each.series.map((one) => one.indicator)])).toEqual([
      ["the census", ["a", "b"]], ["the register", ["d"]],
    ]);
    expect(withheldCount(file)).toBe(1);
    expect(missing(undefined, () => null)).toEqual([]);
  });
});

it("takes a dozen headlines that counties have, one method an indicator", () => {
  const many = Array.from({ length: 14 }, (_, at) => indicator(`more_${at}`));
  const catalogue = {
    indicators: [indicator("senior_participation", "higher", "any_source"), indicator("skilled_ratio", "higher", "registered_employment", ["province"]), ...many],
  } as unknown as Catalogue;
  const found = headlinesOf(catalogue, "simulated").map((each) => each.code);
  expect(found).toHaveLength(12);
  expect(found[0]).toBe("senior_participation");
  expect(found).not.toContain("skilled_ratio");
});
