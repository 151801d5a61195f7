import { describe, expect, it } from "vitest";
import { pastError } from "../src/data/forecast";

const TAIL = "MASE 2.58 (naive 3.05), MAPE 4.9 %, 90 % interval held in 73 % of 15 backtested values, origins 2021-2025";

describe("what a forecast says of its errors", () => {
  it("is read out of its note", () => {
    expect(pastError(`队列推算 cohort survival; ${TAIL}`)).toEqual({
      way: { zh: "队列推算", en: "cohort survival" }, isLastValue: false, mapePct: 4.9, nominalPct: 90, heldPct: 73, tested: 15,
      firstOrigin: 2021, lastOrigin: 2025, isBeyond: false,
    });
  });
  it("names the last value though the note names the ways it beat", () => {
    const note = `沿用末年数 naive last value（没有方法优于它 no method beat it: cohort survival 2.73 against 1.84; exponential smoothing 1.80 against 1.84）; ${TAIL}`;
    expect(pastError(note)).toMatchObject({ isLastValue: true, way: { en: "last value repeated" } });
  });
  it("tells years beyond those tested, and errors that cannot be said", () => {
    expect(pastError(`指数平滑 exponential smoothing; ${TAIL}; 超出回测年限，区间为外推 beyond the years that were tested: its interval is extrapolated`)?.isBeyond).toBe(true);
    expect(pastError(`指数平滑 exponential smoothing; ${TAIL.replace("4.9 %", "–")}`)?.mapePct).toBeNull();
  });
  it("is nothing in another note", () => expect([pastError(null), pastError("学校报表 school returns")]).toEqual([null, null]));
});
