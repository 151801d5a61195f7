/** Where learners of a sector learn next: what a diagram may draw of it. */
import type { Cell } from "./select";

/** The sectors that learning records come from, in the order of a life. */
export const SECTORS = ["school", "open_university", "human_resources", "senior_university"] as const;
export const MEMBERS = [...SECTORS, "several", "none"] as const;
export const METHOD_OF = (sector: string) => `next_24m_from_${sector}`;
const MONTHS = 24;

/** Of the learners of one sector, year and area. */
export interface Flow {
  from: string;
  /** undefined: nothing was computed here */
  total: Cell | undefined;
  next: ReadonlyMap<string, Cell>;
  /** persons of a published total whose next sector is withheld; null where the total is no number */
  hidden: number | null;
}

const isNumber = (cell: Cell | undefined): cell is Cell & { value: number } =>
  cell?.status === "published" && cell.value !== null;

/** The flow out of one sector, from the cells of its breakdown and of its total. */
export function flowFrom(from: string, next: readonly Cell[], totals: readonly Cell[], area: string, period: string): Flow {
  const isHere = (each: Cell) => each.area === area && each.period === period;
  const total = totals.find(isHere);
  const members = new Map(next.filter(isHere).map((each) => [each.member, each]));
  const all = [...members.values()];
  const told = all.reduce((sum, each) => sum + (isNumber(each) ? each.value : 0), 0);
  const isWhole = all.length > 0 && all.every(isNumber);
  return { from, total, next: members, hidden: isNumber(total) ? (isWhole ? 0 : Math.max(0, total.value - told)) : null };
}

/** A band of the diagram; `to` is a member or `withheld`. */
export interface Band {
  from: string;
  to: string;
  value: number;
}

/** Bands as wide as their persons, of sectors whose total is told; what is withheld is the rest of that total. */
export function bands(flows: readonly Flow[]): Band[] {
  return flows.flatMap((flow) => {
    if (flow.hidden === null) return [];
    const drawn = MEMBERS.flatMap((to) => {
      const cell = flow.next.get(to);
      return isNumber(cell) && cell.value > 0 ? [{ from: flow.from, to, value: cell.value }] : [];
    });
    return flow.hidden ? [...drawn, { from: flow.from, to: "withheld", value: flow.hidden }] : drawn;
  });
}

/** Whether more may have gone there than the diagram shows: from a sector that is not drawn, or by a withheld number. */
export function isAtLeast(flows: readonly Flow[], to: string): boolean {
  return flows.some((flow) => flow.total && (flow.hidden === null || !isNumber(flow.next.get(to))));
}

/** The last period with any published total: the years after the newest ones have not been seen yet. */
export function lastKnown(totals: readonly Cell[]): string | undefined {
  return totals.filter(isNumber).map((each) => each.period).sort().at(-1);
}

/** Months of the window that records reach. */
export function monthsReached(cell: Cell): number {
  return cell.coverage === null ? MONTHS : Math.round((cell.coverage * MONTHS) / 100);
}
