import { amount, number, unitFor } from "../../data/format";
import { pastError } from "../../data/forecast";
import { type Cell, indicatorOf } from "../../data/select";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PARTS } from "../../words/parts";
import { PLACES } from "../../words/places";
import { balance, isNumber } from "./figures";
import { PastError } from "./PastError";

interface Props {
  title: string;
  of: { code: string; method: string };
  cell: Cell | undefined;
  /** all years of it, for the file */
  points: readonly Cell[];
  dimension?: string;
  /** pupils over approved places, the newest there is */
  occupancy?: Cell | undefined;
}

/** One forecast: the number, its interval, how wrong such forecasts were, and what there is today. */
export function Need({ title, of, cell, points, dimension, occupancy }: Props) {
  const site = useSite();
  const { lang } = site;
  const say = useWords(PLACES);
  const indicator = indicatorOf(site.catalogue, of.code, of.method);
  if (!indicator) return null;
  const unit = unitFor(indicator);
  const nominal = pastError(cell?.note ?? null)?.nominalPct;
  return (
    <div class="need">
      <h4>{title}</h4>
      <p class="big"><Figure point={cell} unit={unit} size="big" detail={!isNumber(cell)} /></p>
      {isNumber(cell) && cell.low !== null && cell.high !== null && (
        <p class="interval">
          {say(nominal ? "interval" : "range", { nominal: nominal ?? "", low: number(cell.low, unit, lang), high: amount(cell.high, unit, lang) })}
        </p>
      )}
      {isNumber(cell) && occupancy && <Today cell={cell} occupancy={occupancy} />}
      {isNumber(cell) && <PastError note={cell.note} />}
      <Definition
        indicator={indicator} point={cell} area={cell?.area ?? ""} member={cell?.member ?? ""} sheet={() => figures(site, indicator, points)}
        {...(dimension ? { dimension } : {})}
      />
    </div>
  );
}

/** Whether what there is today would do. */
function Today({ cell, occupancy }: { cell: Cell & { value: number }; occupancy: Cell }) {
  const { lang } = useSite();
  const say = useWords(PLACES);
  const parts = useWords(PARTS);
  const told = (value: number) => number(value, "places", lang);
  if (occupancy.denominator === null || occupancy.numerator === null) {
    return <p class="small">{say("nowUnknown", { word: parts(occupancy.status) })}</p>;
  }
  const approved = occupancy.denominator;
  const { is, by } = balance(cell, approved);
  return (
    <p class="small">
      {say("now", { year: occupancy.period, places: told(approved), pupils: told(occupancy.numerator) })}{" "}
      <strong class={is}>
        {is === "maybe" ? say("maybe") : say(is, { number: told(by), low: told((cell.low ?? cell.value) - approved), high: told((cell.high ?? cell.value) - approved) })}
      </strong>
    </p>
  );
}
