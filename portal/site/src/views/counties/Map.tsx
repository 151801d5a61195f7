import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { areasAt } from "../../data/select";
import type { Area } from "../../data/types";
import { isDark } from "../../parts/colours";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COUNTIES } from "../../words/counties";
import type { Shapes } from "./geo";
import type { NoNumber } from "./standings";
import { brief, neighbour, outline, type Spot } from "./walk";

/** A county as the map shows it. */
export interface Mark {
  area: Area;
  /** name, prefecture, number or word, rank: what a screen reader says */
  label: string;
  /** the number alone; null where there is none */
  text: string | null;
  kind: "number" | NoNumber | "absent";
  /** the colour of its class */
  fill: string | null;
}

interface Props {
  label: string;
  marks: readonly Mark[];
  opened: string | null;
  onOpen: (code: string) => void;
}

const [WIDE, TALL, TOP] = [56, 60, 13];
const EDGE = 3;

/** A square a county, prefectures in outline; needs no base map. */
export function TileMap(props: Props) {
  const { catalogue, name, lang } = useSite();
  const placed = props.marks.filter((each) => each.area.tile);
  const tiles = placed.map((each) => ({ ...each.area.tile!, parent: each.area.parent ?? "", code: each.area.code }));
  const width = (Math.max(0, ...tiles.map((each) => each.column)) + 1) * WIDE;
  const height = (Math.max(0, ...tiles.map((each) => each.row)) + 1) * TALL;
  const spots = tiles.map((each) => ({ code: each.code, x: each.column, y: each.row }));
  const heads = areasAt(catalogue, "prefecture").flatMap((each) => {
    const own = tiles.filter((tile) => tile.parent === each.code);
    const first = own.sort((one, other) => one.row - other.row || one.column - other.column)[0];
    return first ? [{ ...first, text: brief(name(each)) }] : [];
  });
  return (
    <Walkable {...props} marks={placed} spots={spots} box={[-EDGE, -EDGE, width + 2 * EDGE, height + 2 * EDGE]} kind={`tiles ${lang}`}
      before={<path class="lands" d={ground(tiles)} />}
      after={
        <g aria-hidden="true">
          <path class="outline" d={outline(tiles, WIDE, TALL)} />
          {heads.map((each) => (
            <text key={each.code} class="head" x={each.column * WIDE + 5} y={each.row * TALL + 11}>{each.text}</text>
          ))}
        </g>
      }
      draw={(mark) => {
        const { column, row } = mark.area.tile!;
        const [x, y] = [column * WIDE + 2, row * TALL + TOP + 1];
        const title = brief(name(mark.area));
        const ink = mark.fill && isDark(mark.fill) ? "light" : "dark";
        return (
          <>
            <rect class={`face ${mark.kind}`} x={x} y={y} width={WIDE - 4} height={TALL - TOP - 3} rx="4" {...paint(mark)} />
            <text class={`title ${ink}`} x={x + WIDE / 2 - 2} y={y + 19} font-size={fitting(title)}>{title}</text>
            <text class={`value ${ink}`} x={x + WIDE / 2 - 2} y={y + 37}>{mark.text ?? ""}</text>
          </>
        );
      }}
    />
  );
}

function ground(tiles: readonly { column: number; row: number }[]): string {
  return tiles.map(({ column, row }) => `M${column * WIDE} ${row * TALL}h${WIDE}v${TALL}h${-WIDE}Z`).join("");
}

/** A name is set smaller rather than cut off. */
function fitting(name: string): number {
  const isHan = /\p{Script=Han}/u.test(name);
  return Math.min(isHan ? 15 : 11.5, (WIDE - 7) / ([...name].length * (isHan ? 1 : 0.6)));
}

/** The same counties in the boundaries of a file. */
export function ShapeMap({ shapes, ...props }: Props & { shapes: Shapes }) {
  const placed = props.marks.filter((each) => shapes.counties[each.area.code]);
  const spots = placed.map((each) => ({ code: each.area.code, ...shapes.counties[each.area.code]! }));
  return (
    <Walkable {...props} marks={placed} spots={spots} box={[-4, -4, shapes.width + 8, shapes.height + 8]} kind="shapes"
      draw={(mark) => <path class={`face ${mark.kind}`} d={shapes.counties[mark.area.code]!.path} fill-rule="evenodd" {...paint(mark)} />}
    />
  );
}

function paint(mark: Mark) {
  if (mark.kind === "withheld") return { fill: "url(#hatched)" };
  return mark.fill ? { fill: mark.fill } : {};
}

interface WalkableProps extends Props {
  spots: readonly Spot[];
  box: readonly [number, number, number, number];
  kind: string;
  draw: (mark: Mark) => ComponentChildren;
  before?: ComponentChildren;
  after?: ComponentChildren;
}

/** One stop for the Tab key; the arrows walk from county to county, Enter opens one. */
function Walkable({ label, marks, spots, box, kind, draw, before, after, opened, onOpen }: WalkableProps) {
  const say = useWords(COUNTIES);
  const drawing = useRef<SVGSVGElement>(null);
  const [walked, setWalked] = useState<string | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const here = [walked, opened].find((code) => code && spots.some((each) => each.code === code)) ?? spots[0]?.code ?? "";
  const press = (event: KeyboardEvent, code: string) => {
    if (event.key === "Enter" || event.key === " ") onOpen(code);
    else if (event.key.startsWith("Arrow")) {
      const next = neighbour(spots, code, event.key);
      setWalked(next);
      drawing.current?.querySelector<SVGGElement>(`[data-code="${next}"]`)?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <div class="map">
      <svg ref={drawing} class={kind} viewBox={box.join(" ")} role="group" aria-label={label} onPointerLeave={() => setTold(null)}>
        <Hatched />
        {before}
        {marks.map((mark) => (
          <g
            key={mark.area.code}
            class={`spot${mark.area.code === opened ? " opened" : ""}`}
            data-code={mark.area.code}
            role="button"
            tabIndex={mark.area.code === here ? 0 : -1}
            aria-label={mark.label}
            aria-pressed={mark.area.code === opened}
            onClick={() => onOpen(mark.area.code)}
            onKeyDown={(event) => press(event, mark.area.code)}
            onFocus={() => {
              setWalked(mark.area.code);
              setTold(mark.area.code);
            }}
            onPointerEnter={() => setTold(mark.area.code)}
          >
            {draw(mark)}
          </g>
        ))}
        {after}
      </svg>
      <p class="told-spot small" aria-hidden="true">{marks.find((each) => each.area.code === told)?.label ?? say("touch")}</p>
      <p class="small soft by-keys">{say("howToWalk")}</p>
    </div>
  );
}

/** The hatching of what is withheld: the map's, and by its id the legend's below it. */
function Hatched() {
  return (
    <defs>
      <pattern id="hatched" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="7" height="7" fill="#fff" />
        <rect width="2.4" height="7" fill="#b3bdc6" />
      </pattern>
    </defs>
  );
}
