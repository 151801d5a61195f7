import { LOOKS } from "./lines";

/** How a line is drawn, beside its name: dash and marker as in the chart. */
export function Swatch({ place }: { place: number }) {
  const { colour, dash, symbol } = LOOKS[place % LOOKS.length]!;
  const hollow = symbol.startsWith("empty");
  const paint = { fill: hollow ? "#fff" : colour, stroke: colour, "stroke-width": 2 };
  return (
    <svg class="swatch" viewBox="0 0 40 14" width="40" height="14" aria-hidden="true">
      <line x1="1" x2="39" y1="7" y2="7" stroke={colour} stroke-width="2.4" stroke-dasharray={dash.join(" ")} />
      {symbol === "circle" || symbol === "emptyCircle" ? (
        <circle cx="20" cy="7" r="4" {...paint} />
      ) : symbol === "rect" || symbol === "emptyRect" ? (
        <rect x="16" y="3" width="8" height="8" {...paint} />
      ) : symbol === "triangle" ? (
        <path d="M20 2.5L25 11.5H15Z" {...paint} />
      ) : (
        <path d="M20 1.5L25.5 7L20 12.5L14.5 7Z" {...paint} />
      )}
    </svg>
  );
}
