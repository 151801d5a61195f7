/** The forecasts this view is made of, and what stands beside them. */
import type { Cell } from "../../data/select";

const METHOD = "least_backtest_error";
export const PLACES_NEEDED = { code: "forecast_school_places", method: METHOD } as const;
export const TEACHERS_NEEDED = { code: "forecast_teachers", method: METHOD } as const;
export const ENTRANTS = { code: "forecast_higher_education_entrants", method: METHOD } as const;
export const SENIORS = { code: "forecast_senior_learners", method: METHOD } as const;
export const OCCUPANCY = { code: "school_places_occupancy", method: "returns_places" } as const;

export const YEAR = "2030";
export const STAGES = ["kindergarten", "primary", "junior", "senior"] as const;

export const isNumber = (cell: Cell | undefined): cell is Cell & { value: number } => cell?.status === "published" && cell.value !== null;

/** Whether the approved places of today are enough for a forecast; the interval decides. */
export function balance(forecast: Cell & { value: number }, approved: number): { is: "short" | "enough" | "maybe"; by: number } {
  const by = Math.abs(forecast.value - approved);
  if ((forecast.low ?? forecast.value) > approved) return { is: "short", by };
  if ((forecast.high ?? forecast.value) < approved) return { is: "enough", by };
  return { is: "maybe", by };
}
