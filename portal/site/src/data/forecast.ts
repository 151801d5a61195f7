/** What a forecast says of its own past errors, out of the note it is published with (forecast/report.py writes it). */
import type { Named } from "./types";

export interface PastError {
  way: Named;
  /** no other way was better than repeating the last value */
  isLastValue: boolean;
  /** mean of |actual − forecast| / actual, per cent; null where it cannot be said */
  mapePct: number | null;
  /** per cent that the interval is made to hold, and that it held in the backtest */
  nominalPct: number;
  heldPct: number;
  tested: number;
  firstOrigin: number;
  lastOrigin: number;
  /** farther ahead than any tested year: the interval is extrapolated */
  isBeyond: boolean;
}

const WAYS: readonly [RegExp, Named][] = [
  [/cohort survival/, { zh: "队列推算", en: "cohort survival" }],
  [/exponential smoothing/, { zh: "指数平滑", en: "exponential smoothing" }],
];
const LAST: Named = { zh: "沿用末年数", en: "last value repeated" };

/** The errors a note tells; null for a note that is none (then show the note itself). */
export function pastError(note: string | null): PastError | null {
  const told = note?.match(/MAPE ([\d.]+ %|–), (\d+) % interval held in (\d+) % of (\d+) backtested values, origins (\d{4})-(\d{4})/);
  if (!note || !told) return null;
  const isLastValue = /^沿用末年数|naive last value/.test(note);
  const mape = Number.parseFloat(told[1]!);
  return {
    way: isLastValue ? LAST : (WAYS.find(([mark]) => mark.test(note))?.[1] ?? LAST),
    isLastValue,
    mapePct: Number.isNaN(mape) ? null : mape,
    nominalPct: Number(told[2]),
    heldPct: Number(told[3]),
    tested: Number(told[4]),
    firstOrigin: Number(told[5]),
    lastOrigin: Number(told[6]),
    isBeyond: note.includes("beyond the years that were tested"),
  };
}
