import type { Range } from "./ranges";

const EDGE = 8;

interface Props {
  range: Range | null;
  /** the end of the scale, which begins at 0 and is the same for all that are compared */
  most: number;
  target?: number | undefined;
  width?: number;
  height?: number;
  /** told instead of the picture; unasked, the cells beside it say the numbers */
  label?: string;
}

/** A share as a dot on its range; an end that is a bound is open, and what is no number has no mark. */
export function RangeMark({ range, most, target, width = 240, height = 22, label }: Props) {
  const place = (value: number) => EDGE + (Math.min(value, most) / most) * (width - 2 * EDGE);
  const middle = height / 2;
  const told = label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true };
  return (
    <svg class="range-mark" viewBox={`0 0 ${width} ${height}`} width={width} height={height} {...told}>
      <line class="scale" x1={EDGE} x2={width - EDGE} y1={middle} y2={middle} />
      {range && range.high > range.low && (
        <rect class={range.end ? "bar open" : "bar"} x={place(range.low)} width={place(range.high) - place(range.low)} y={middle - 5} height="10" rx="3" />
      )}
      {target !== undefined && <line class="target" x1={place(target)} x2={place(target)} y1="1" y2={height - 1} />}
      {range && !range.end && <circle class="dot" cx={place(range.value)} cy={middle} r="5.5" />}
    </svg>
  );
}
