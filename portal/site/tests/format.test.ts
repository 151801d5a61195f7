import { describe, expect, it } from "vitest";
import { amount, day, difference, distanceInWords, number } from "../src/data/format";

describe("numbers in words", () => {
  it.each([
    [9.5807, "pct", "zh", "9.6%"], [9.5807, "pct", "en", "9.6%"], [9.946, "years", "zh", "9.95 年"], [9.946, "years", "en", "9.95 years"],
    [12345, "persons", "zh", "12,345 人"], [12345.4, "persons", "en", "12,345"], [0.57595, "index", "en", "0.576"],
    [3242.8, "cny", "en", "¥3,243"], [0, "pct", "zh", "0.0%"], [-0.0001, "pct", "en", "0.0%"], [1.5, "bushels", "en", "1.50"],
  ] as const)("%d %s in %s is %s", (value, unit, lang, told) => expect(amount(value, unit, lang)).toBe(told));
  it("differences carry a sign, those of percentages are points", () => {
    expect(difference(-4.49, "pct", "en")).toBe("−4.5 points");
    expect(difference(0.56, "ratio", "zh")).toBe("+0.56");
    expect(difference(0.001, "pct", "zh")).toBe("±0.0 个百分点");
    expect(difference(-0.001, "pct", "zh")).toBe("±0.0 个百分点");
    expect(distanceInWords(0.25, "years", "en")).toBe("0.25 years");
  });
  it("a day of a release is the day in China", () => {
    expect(day("2026-11-22T23:06:06+00:00", "zh")).toBe("2026年11月23日");
    expect(day("2026-11-22T23:06:06+00:00", "en")).toBe("23 Nov 2026");
    expect(day("2025-09-01", "en")).toBe("1 Sept 2025");
    expect(day("never", "en")).toBe("never");
  });
  it("a number alone keeps the digits of its unit", () => expect(number(10, "pct", "en")).toBe("10.0"));
});
