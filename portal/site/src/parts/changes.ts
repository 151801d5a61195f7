/** What a release changed, sorted out: pure questions to a RevisionsFile. */
import type { RevisionsFile } from "../data/types";

export type Change = RevisionsFile["changes"][number];
export type Reason = Change["why"];
export const REASONS = ["data", "definition", "models", "nothing known"] as const;

/** What became of a figure: a number became another, came, went, was withheld or is shown now. */
export type Fate = "moved" | "came" | "went" | "hidden" | "shown" | "other";

/** What narrows changes down; what is left out matches all. */
export interface Slice {
  method?: string | undefined;
  area?: string | undefined;
  period?: string | undefined;
  dimension?: string | undefined;
  member?: string | undefined;
  why?: string | undefined;
}

const KEYS = ["method", "area", "period", "dimension", "member", "why"] as const;

export function changesOf(file: RevisionsFile, slice: Slice): Change[] {
  return file.changes.filter((each) => KEYS.every((key) => !slice[key] || each[key] === slice[key]));
}

const numberIn = (seen: Change["old"]): number | null => (seen?.status === "published" ? seen.value : null);

/** By how much; null unless both releases show a number. */
export function movedBy(change: Change): number | null {
  const [before, now] = [numberIn(change.old), numberIn(change.new)];
  return before === null || now === null ? null : now - before;
}

export function fateOf(change: Change): Fate {
  if (movedBy(change) !== null) return "moved";
  if (!change.old) return "came";
  if (!change.new) return "went";
  if (change.new.status === "withheld") return "hidden";
  return numberIn(change.new) === null ? "other" : change.old.status === "withheld" ? "shown" : "came";
}

/** The largest moves first, then what has no size, in the order given. */
export function bySize(changes: readonly Change[]): Change[] {
  const size = (change: Change) => {
    const by = movedBy(change);
    return by === null ? -1 : Math.abs(by);
  };
  return [...changes].sort((one, other) => size(other) - size(one));
}

/** How many changes each reason has; reasons without any are left out. */
export function counted(changes: readonly Change[]): { why: Reason; number: number }[] {
  return REASONS.map((why) => ({ why, number: changes.filter((each) => each.why === why).length })).filter((each) => each.number > 0);
}

export const keyOfChange = (change: Change) => [change.method, change.area, change.period, change.dimension, change.member].join(" ");
