import { expect, test } from "vitest";
import type { Point } from "../src/data/types";
import { band } from "../src/views/gaps/lines";
import { offsets } from "../src/views/gaps/strips";

const points = (values: readonly (number | null)[]): Point[] =>
  values.map((value, at) => ({ period: String(2020 + at), status: value === null ? "withheld" : "published", value }) as Point);

test("the band stands only where both groups have a number", () => {
  const drawn = band(["2020", "2021", "2022", "2023"], points([10, 12, null, 9]), points([14, 11, 13, 9]));
  expect(drawn.foot).toEqual([10, 11, null, 9]);
  expect(drawn.height).toEqual([4, 1, null, 0]);
});

test("a number that is not published is never drawn, whatever stands beside its status", () => {
  const leaking = [{ period: "2020", status: "withheld", value: 7 } as Point];
  expect(band(["2020"], leaking, points([9])).height).toEqual([null]);
});

test("counties of like values stand apart, the same each time", () => {
  const apart = offsets([5, 5, 5, 9], 0, 90);
  expect(new Set(apart.slice(0, 3)).size).toBe(3);
  expect(offsets([5, 5, 5, 9], 0, 90)).toEqual(apart);
});
