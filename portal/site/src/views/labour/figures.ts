/** The two indicators this view is made of, and questions to their cells. */
import type { Cell } from "../../data/select";

export const GRADUATES = { code: "graduates_to_vacancies", method: "isced_f_crosswalk" } as const;
export const APPLICANTS = { code: "vacancies_per_applicant", method: "registered_monthly_mean" } as const;

export const isNumber = (cell: Cell | undefined): cell is Cell & { value: number } => cell?.status === "published" && cell.value !== null;

/** The last period with a published number. */
export const lastKnown = (cells: readonly Cell[]) => cells.filter(isNumber).map((each) => each.period).sort().at(-1);

/** The pairs with the most and the fewest vacancies, of those that are published; null where they cannot be told apart. */
export function extremes(cells: readonly Cell[]): { most: Cell & { value: number }; fewest: Cell & { value: number } } | null {
  const told = cells.filter(isNumber).sort((one, other) => one.value - other.value);
  return told.length < 2 ? null : { most: told.at(-1)!, fewest: told[0]! };
}
