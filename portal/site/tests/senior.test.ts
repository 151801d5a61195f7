import { expect, test } from "vitest";
import type { Point, Target } from "../src/data/types";
import { aimOf, isWide, rangeOf, scaleOf } from "../src/views/senior/ranges";

const point = (given: Partial<Point>): Point =>
  ({ status: "published", value: 12, low: null, high: null, denominator: 1000, note: null, ...given }) as Point;
const target = { value: 20, direction: "at_least", year: 2027 } as Target;

test("a range is published or the number stands for itself", () => {
  expect(rangeOf(point({ low: 10, high: 15 }))).toEqual({ value: 12, low: 10, high: 15, end: null });
  expect(isWide(rangeOf(point({}))!)).toBe(false);
});

test("what is withheld or missing has no range", () => {
  for (const status of ["withheld", "needs_input", "not_applicable"] as const) expect(rangeOf(point({ status, value: null }))).toBeNull();
  expect(rangeOf(undefined)).toBeNull();
});

test("a number that is itself a bound is open to one side and never measured against a target", () => {
  expect(rangeOf(point({ value: 5, note: "at_most" }))).toEqual({ value: 5, low: 0, high: 5, end: "at_most" });
  expect(rangeOf(point({ value: 95, note: "at_least" }))).toMatchObject({ low: 95, high: 100 });
  expect(aimOf(point({ value: 5, note: "at_most" }), target)).toBeNull();
});

test("the distance to the target is told in people too, rounded up", () => {
  expect(aimOf(point({ denominator: 4307, value: 5.108 }), target)).toEqual({ isMet: false, by: 20 - 5.108, people: 642 });
  expect(aimOf(point({ value: 22 }), target)).toMatchObject({ isMet: true, people: null });
  expect(aimOf(point({}), undefined)).toBeNull();
});

test("a scale begins at 0 and holds the target", () => {
  expect(scaleOf([rangeOf(point({ high: 13 }))], 20)).toBe(20);
  expect(scaleOf([null], undefined)).toBe(5);
  expect(scaleOf([rangeOf(point({ value: 88 }))], undefined)).toBe(100);
});
