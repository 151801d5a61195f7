const WIDTH = 200;
const HEIGHT = 22;
const EDGE = 9;

interface Props {
  one: number | null;
  other: number | null;
  /** the ends of the scale that all rows share */
  low: number;
  high: number;
}

/** Two groups on one scale, told apart by shape as well as colour; a group without a number has no mark. The row's cells say the numbers. */
export function Dumbbell({ one, other, low, high }: Props) {
  const place = (value: number) => EDGE + (high > low ? (value - low) / (high - low) : 0.5) * (WIDTH - 2 * EDGE);
  const middle = HEIGHT / 2;
  return (
    <svg class="dumbbell" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <line class="scale" x1={EDGE} x2={WIDTH - EDGE} y1={middle} y2={middle} />
      {one !== null && other !== null && <line class="bar" x1={place(one)} x2={place(other)} y1={middle} y2={middle} />}
      {other !== null && <path class="other" d={`M${place(other)} ${middle - 7}l7 7l-7 7l-7 -7z`} />}
      {one !== null && <circle class="one" cx={place(one)} cy={middle} r="5.5" />}
    </svg>
  );
}
