import { amount } from "../data/format";
import type { Point } from "../data/types";
import { useSite } from "../site";
import { useWords } from "../words";
import { PARTS } from "../words/parts";

const WIDTH = 132;
const HEIGHT = 40;
const EDGE = 5;

/** Where the dots of a sparkline stand: no place for what is no number, so no line runs through it. */
export function places(points: readonly Point[]): { x: number; y: number | null; point: Point }[] {
  const values = points.flatMap((each) => (each.status === "published" && each.value !== null ? [each.value] : []));
  const low = Math.min(...values);
  const spread = Math.max(...values) - low;
  const step = points.length > 1 ? (WIDTH - 2 * EDGE) / (points.length - 1) : 0;
  return points.map((point, index) => ({
    x: points.length > 1 ? EDGE + index * step : WIDTH / 2,
    y:
      point.status === "published" && point.value !== null
        ? HEIGHT - EDGE - (spread ? (point.value - low) / spread : 0.5) * (HEIGHT - 2 * EDGE)
        : null,
    point,
  }));
}

/** Runs of neighbouring numbers as path data; a gap begins a new run. */
export function runs(dots: readonly { x: number; y: number | null }[]): string {
  let isOn = false;
  let path = "";
  for (const { x, y } of dots) {
    if (y === null) isOn = false;
    else {
      path += `${isOn ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      isOn = true;
    }
  }
  return path;
}

/** A small line over the periods; what is withheld or missing is an open dotted ring at the foot. */
export function Trend({ points, unit, label }: { points: readonly Point[]; unit: string; label: string }) {
  const { lang } = useSite();
  const say = useWords(PARTS);
  if (points.length < 2) return <span class="trend none" aria-hidden="true" />;
  const dots = places(points);
  const told = points
    .map((each) => `${each.period}: ${each.value !== null && each.status === "published" ? amount(each.value, unit, lang) : say(each.status)}`)
    .join(lang === "zh" ? "；" : "; ");
  const last = dots.findLast((dot) => dot.y !== null);
  return (
    <svg class="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={`${label} ${told}`}>
      <path d={runs(dots)} />
      {dots.map(({ x, y, point }) =>
        y === null ? (
          <circle key={point.period} class="open" cx={x} cy={HEIGHT - EDGE} r="3" />
        ) : (
          <circle key={point.period} class={x === last?.x ? "last" : "dot"} cx={x} cy={y} r={x === last?.x ? 3.4 : 1.8} />
        ),
      )}
    </svg>
  );
}
