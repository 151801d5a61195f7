import { difference } from "../../data/format";
import type { Point } from "../../data/types";
import { Figure } from "../../parts/Figure";
import { useSite } from "../../site";

/** A published difference with its sign, of percentages in points; else the word for why there is none. */
export function Difference({ point, unit, size = "plain" }: { point: Point | undefined; unit: string; size?: "big" | "plain" }) {
  const { lang } = useSite();
  if (point?.status !== "published" || point.value === null) return <Figure point={point} unit={unit} size={size} />;
  return <span class={`figure ${size}`}><span class="number">{difference(point.value, unit, lang)}</span></span>;
}
