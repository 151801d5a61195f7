/** What a published share says at its two ends, and how far it is from its target. Pure. */
import { distance } from "../../data/select";
import type { Point, Target } from "../../data/types";

/** A number with its ends; the ends are the number itself where no range is published. */
export interface Range {
  value: number;
  low: number;
  high: number;
  /** the number is an end itself: shown as "at most" or "at least" to protect people */
  end: "at_most" | "at_least" | null;
}

/** The range of a published point; null for everything else. */
export function rangeOf(point: Point | undefined): Range | null {
  if (point?.status !== "published" || point.value === null) return null;
  const end = point.note === "at_most" || point.note === "at_least" ? point.note : null;
  return {
    value: point.value,
    low: point.low ?? (end === "at_most" ? 0 : point.value),
    high: point.high ?? (end === "at_least" ? 100 : point.value),
    end,
  };
}

/** Whether the two ends tell different things. */
export const isWide = (range: Range) => range.high > range.low;

export interface Aim {
  isMet: boolean;
  /** in the target's unit */
  by: number;
  /** how many people that is, where the denominator is published */
  people: number | null;
}

/** How far a published share of people is from its target; null where it is no exact number. */
export function aimOf(point: Point | undefined, target: Target | undefined): Aim | null {
  const range = rangeOf(point);
  if (!range || range.end || !target) return null;
  const { isMet, by } = distance(range.value, target);
  const people = isMet || point!.denominator === null ? null : Math.ceil((by / 100) * point!.denominator);
  return { isMet, by, people };
}

/** The ends of a scale that holds every range and the target, from 0. */
export function scaleOf(ranges: readonly (Range | null)[], target: number | undefined): number {
  const highest = Math.max(0, target ?? 0, ...ranges.flatMap((range) => (range ? [range.high] : [])));
  const step = highest > 50 ? 20 : highest > 20 ? 10 : 5;
  return Math.min(100, Math.max(step, Math.ceil(highest / step) * step));
}
