const WIDTH = 160;
const HEIGHT = 22;
const MOST = 0.5;

/** Parity as a bar to the left or right of the middle, which is 1; the band that is usually read as parity is shaded. */
export function Balance({ parity }: { parity: number | null }) {
  const middle = WIDTH / 2;
  const place = (value: number) => middle + (Math.max(-MOST, Math.min(MOST, value > 1 ? 1 - 1 / value : value - 1)) / MOST) * (middle - 4);
  return (
    <svg class="balance" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <rect class="band" x={place(0.97)} width={place(1.03) - place(0.97)} height={HEIGHT} />
      <line class="middle" x1={middle} x2={middle} y1="0" y2={HEIGHT} />
      {parity !== null && (
        <>
          <rect class="bar" x={Math.min(middle, place(parity))} width={Math.abs(place(parity) - middle)} y={HEIGHT / 2 - 3} height="6" />
          <circle class="dot" cx={place(parity)} cy={HEIGHT / 2} r="5" />
        </>
      )}
    </svg>
  );
}
