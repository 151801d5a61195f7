import { describe, expect, it } from "vitest";
import { cells, distance, newest, openingRealm, pointsOf, ranked, shown, targetOf } from "../src/data/select";
import type { Catalogue, Point, Target, ValuesFile } from "../src/data/types";

const FILE: ValuesFile = {
  indicator: "i", method: "m", realm: "simulated", dimension: "total", unit: "pct", release: 2,
  areas: ["330102", "330106", "330108"], periods: ["2024", "2025"], members: ["total"], notes: ["school returns"],
  as_of: ["2024-09-01", "2025-09-01"], version: 1,
  rows: [
    [0, 1, 0, "p", 10, null, null, 1, 10, null, null],
    [1, 1, 0, "w", null, null, null, null, null, null, null],
    [2, 1, 0, "p", 0, null, null, 0, 10, null, null],
    [1, 0, 0, "n", null, null, null, null, null, null, 0],
  ],
};
const point = (period: string, status: Point["status"], value: number | null): Point => ({
  period, status, value, low: null, high: null, numerator: null, denominator: null, coverage: null, as_of: "2025-01-01", version: 1, note: null,
});

describe("a breakdown", () => {
  it("is unpacked with its words, and a number withheld has no value", () => {
    const all = cells(FILE);
    expect(all[1]).toMatchObject({ area: "330106", period: "2025", status: "withheld", value: null, as_of: "2025-09-01" });
    expect(pointsOf(all, "330106").map((each) => [each.period, each.status, each.note])).toEqual([
      ["2024", "needs_input", "school returns"], ["2025", "withheld", null],
    ]);
  });
  it("is ranked by published numbers alone: a zero counts, a missing one has no rank", () => {
    const newestOnes = cells(FILE).filter((each) => each.period === "2025");
    expect(ranked(newestOnes, "higher").first.map((each) => each.area)).toEqual(["330102", "330108"]);
    expect(ranked(newestOnes, "lower").first.map((each) => each.area)).toEqual(["330108", "330102"]);
    expect(ranked(newestOnes, "higher").rest.map((each) => each.area)).toEqual(["330106"]);
  });
});

describe("what is shown", () => {
  it("is the newest point even where it is withheld: last year's number does not stand in for it", () => {
    const points = [point("2024", "published", 1), point("2025", "withheld", null)];
    expect(newest(points)?.status).toBe("withheld");
    expect(shown(points, "2024")?.value).toBe(1);
    expect(shown(points, "1999")).toBeUndefined();
  });
});

describe("a target", () => {
  const target = (year: number, direction: Target["direction"] = "at_least"): Target => ({
    realm: "real", indicator: "i", method: "m", area: "330000", year, value: 15, unit: "pct", direction, document: "d", document_no: null, note: null,
  });
  const catalogue = { targets: [target(2030), target(2027), target(2020)] } as unknown as Catalogue;
  it("is the next to come, else the last there was", () => {
    expect(targetOf(catalogue, "real", "i", "m", "330000", "2025")?.year).toBe(2027);
    expect(targetOf(catalogue, "real", "i", "m", "330000", "2031")?.year).toBe(2030);
    expect(targetOf(catalogue, "simulated", "i", "m", "330000", "2025")).toBeUndefined();
  });
  it("is met on the right side", () => {
    expect(distance(16, target(2027))).toEqual({ isMet: true, by: 1 });
    expect(distance(16, target(2027, "at_most"))).toEqual({ isMet: false, by: 1 });
    expect(distance(15, target(2027)).isMet).toBe(true);
  });
});

describe("the realm a page opens", () => {
  const realms = (counties: number) => ({ realms: [{ code: "real", published: 9, counties }, { code: "simulated", published: 9, counties: 10 }] }) as unknown as Catalogue;
  it("is the real one as soon as it has a county", () => {
    expect(openingRealm(realms(0))).toBe("simulated");
    expect(openingRealm(realms(1))).toBe("real");
  });
});
