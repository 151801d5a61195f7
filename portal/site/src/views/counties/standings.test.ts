import { describe, expect, it } from "vitest";
import type { Cell } from "../../data/select";
import type { Status } from "../../data/types";
import { classes, classOf, openingPeriod, spread, standings } from "./standings";

const cell = (area: string, value: number | null, status: Status = "published", period = "2025"): Cell => ({
  area, period, member: "total", status, value, low: null, high: null, numerator: null, denominator: null,
  coverage: null, as_of: "2025-12-31", version: 1, note: null,
});
const shown = (value: number) => value.toFixed(1);
const all = [
  cell("a", 61.34), cell("b", 61.31), cell("c", 70), cell("d", 12), cell("w", null, "withheld"),
  cell("m", null, "needs_input"), cell("x", null, "not_applicable"), cell("330000", 99),
];
const COUNTIES = ["a", "b", "c", "d", "w", "m", "x", "absent"];

describe("standings", () => {
  it("lets those who show the same number share a rank and passes over the next", () => {
    const { ranked } = standings(all, COUNTIES, "higher", shown);
    expect(ranked.map((each) => [each.cell.area, each.rank, each.isShared])).toEqual([
      ["c", 1, false], ["a", 2, true], ["b", 2, true], ["d", 4, false],
    ]);
  });
  it("puts the lowest first where lower is better", () => {
    expect(standings(all, COUNTIES, "lower", shown).ranked.map((each) => each.cell.area)).toEqual(["d", "b", "a", "c"]);
  });
  it("gives no rank to what has no number, and tells apart why", () => {
    const { ranked, without, absent } = standings(all, COUNTIES, "higher", shown);
    expect(ranked.map((each) => each.cell.area)).not.toContain("w");
    expect(without.map((each) => [each.status, each.cells.map((one) => one.area)])).toEqual([
      ["withheld", ["w"]], ["needs_input", ["m"]], ["not_applicable", ["x"]],
    ]);
    expect(absent).toEqual(["absent"]);
  });
  it("keeps a zero, which is a number", () => {
    expect(standings([cell("a", 0), cell("b", null, "withheld")], ["a", "b"], "higher", shown).ranked).toHaveLength(1);
  });
  it("leaves out the province, which is no county", () => {
    expect(standings(all, COUNTIES, "higher", shown).ranked.map((each) => each.cell.area)).not.toContain("330000");
  });
});

describe("openingPeriod", () => {
  it("is the newest that shows a county's number, not one where the province alone has it", () => {
    const some = [cell("a", 1, "published", "2023"), cell("a", null, "withheld", "2024"), cell("330000", 5, "published", "2025")];
    expect(openingPeriod(some, ["a"])).toBe("2023");
    expect(openingPeriod([cell("a", null, "needs_input", "2022")], ["a"])).toBe("2022");
    expect(openingPeriod(some, ["z"])).toBeUndefined();
  });
});

describe("classes", () => {
  it("are of equal size and never part equal numbers", () => {
    const found = classes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5, shown);
    expect(found.map((each) => [each.from, each.to, each.count])).toEqual([[1, 2, 2], [3, 4, 2], [5, 6, 2], [7, 8, 2], [9, 10, 2]]);
    const tied = classes([0, 0, 0, 0, 0, 0, 0, 1, 2, 3], 5, shown);
    expect(tied[0]).toEqual({ from: 0, to: 0, count: 7 });
    expect(tied.reduce((sum, each) => sum + each.count, 0)).toBe(10);
  });
  it("hold each value in one class", () => {
    const values = [61.34, 61.31, 70, 12, 12.04];
    const found = classes(values, 5, shown);
    expect(classOf(found, 61.34)).toBe(classOf(found, 61.31));
    for (const value of values) expect(classOf(found, value)).toBeGreaterThanOrEqual(0);
  });
  it("of nothing are none", () => expect(classes([], 5, shown)).toEqual([]));
});

describe("spread", () => {
  it("takes both ends of the ramp", () => {
    expect(spread([1, 2, 3, 4, 5, 6, 7], 5)).toEqual([1, 3, 4, 6, 7]);
    expect(spread([1, 2, 3], 1)).toEqual([2]);
    expect(spread([1, 2, 3], 0)).toEqual([]);
  });
});
