import { describe, expect, it } from "vitest";
import type { Point, Status } from "../src/data/types";
import { ends, linesOption } from "../src/parts/lines";

const point = (period: string, value: number | null, status: Status = "published"): Point => ({
  period, status, value, low: value === null ? null : value - 1, high: value === null ? null : value + 2, numerator: null,
  denominator: null, coverage: null, as_of: `${period}-12-31`, version: 1, note: null,
});

describe("lines over the years", () => {
  const option = linesOption(["2023", "2024", "2025"], [{
    name: "n", colour: "#000", hasBand: true, points: [point("2023", 10), point("2024", null, "withheld"), point("2025", 12)],
  }], { unit: "persons", lang: "en", say: (status) => `<${status}>` });
  const [low, band, line, open] = option.series as { data: (number | null)[] }[];
  it("run through numbers alone, what is none has a dotted place at the foot", () => {
    expect(line!.data).toEqual([10, null, 12]);
    expect(open!.data).toEqual([null, (option.yAxis as { min: number }).min, null]);
    expect([low!.data, band!.data]).toEqual([[9, null, 11], [3, null, 3]]);
  });
  it("say by word what is no number", () => {
    const { formatter } = option.tooltip as { formatter: (all: { axisValue: string }[]) => string };
    expect(formatter([{ axisValue: "2024" }])).toBe("2024\nn  <withheld>");
    expect(formatter([{ axisValue: "2025" }])).toBe("2025\nn  12  (11–14)");
  });
  it("stand between round marks, on zero where it is near", () => {
    expect(ends([0.86, 1.05])).toEqual({ min: 0.8, max: 1.1, step: 0.05 });
    expect(ends([5, 48])).toEqual({ min: 0, max: 60, step: 20 });
    expect(ends([7])).toEqual({ min: 6, max: 8, step: 2 });
    expect(ends([])).toEqual({ min: 0, max: 1, step: 0.5 });
  });
});
