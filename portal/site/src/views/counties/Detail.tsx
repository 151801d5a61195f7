import { useEffect, useMemo, useRef } from "preact/hooks";
import { amount } from "../../data/format";
import { areaOf, type Cell, pointsOf, PROVINCE, TOTAL, targetOf } from "../../data/select";
import type { Area, Indicator } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COUNTIES } from "../../words/counties";
import { PARTS } from "../../words/parts";
import { lineOption, periodsOf } from "../compare/lines";
import { Swatch } from "../compare/Swatch";

interface Props {
  county: Area;
  indicator: Indicator;
  cells: readonly Cell[];
  unit: string;
  period: string;
  dimension: string;
  member: string;
  /** its rank in words; null where it has none */
  place: string | null;
  onClose: () => void;
}

/** One county of the map: its number, its way there, its target, and where to read on. */
export function Detail({ county, indicator, cells, unit, period, dimension, member, place, onClose }: Props) {
  const site = useSite();
  const { catalogue, realm, name, lang, link } = site;
  const say = useWords(COUNTIES);
  const parts = useWords(PARTS);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: false }), [county.code]);
  const own = pointsOf(cells, county.code, member);
  const whole = pointsOf(cells, PROVINCE, member);
  const point = own.find((each) => each.period === period);
  const target = dimension === TOTAL ? targetOf(catalogue, realm, indicator.code, indicator.method, PROVINCE, period) : undefined;
  const aim = target && say("target", { year: target.year, value: amount(target.value, unit, lang) });
  const prefecture = county.parent ? areaOf(catalogue, county.parent) : undefined;
  const lines = useMemo(
    () => [{ name: name(county), points: own }, { name: say("provinceValue"), points: whole }],
    [cells, county.code, member, lang],
  );
  const periods = periodsOf(lines);
  const option = useMemo(
    () => lineOption({ lines, unit, lang, word: parts, target: target && { value: target.value, label: aim! } }),
    [lines, unit, lang, target?.value],
  );
  const whatIs = say("trendOf", { county: name(county), indicator: name(indicator), first: periods[0] ?? "", last: periods.at(-1) ?? "" });
  return (
    <section class="county-detail" aria-labelledby="detail">
      <header>
        <h2 id="detail" ref={heading} tabIndex={-1}>{name(county)}{prefecture && <small>{name(prefecture)}</small>}</h2>
        <button type="button" class="close" onClick={onClose} aria-label={say("close")}>×</button>
      </header>
      <p class="small soft what">{name(indicator)} · {period}</p>
      <p><Figure point={point} unit={unit} size="big" detail /></p>
      {place && <p class="place">{place}</p>}
      {aim && <p class="small">{aim}</p>}
      {periods.length > 1 ? (
        <>
          <p class="key small" aria-hidden="true">
            {lines.map((line, at) => <span key={line.name}><Swatch place={at} /> {line.name}</span>)}
          </p>
          <Chart
            option={option} label={whatIs} height={230}
            table={
              <DataTable caption={whatIs} quietCaption dense rows={periods} rowKey={(each) => each} columns={[
                { key: "period", label: parts("period"), cell: (each) => each, isHead: true },
                ...lines.map((line) => ({
                  key: line.name, label: line.name, isNumber: true,
                  cell: (each: string) => <Figure point={line.points.find((one) => one.period === each)} unit={unit} />,
                })),
              ]} />
            }
          />
        </>
      ) : (
        periods[0] && <p class="small soft">{say("single", { period: periods[0] })}</p>
      )}
      <p class="small">{name(indicator.sentence)}</p>
      <p class="ways">
        <Definition
          indicator={indicator} point={point} area={county.code} dimension={dimension} member={member} unit={unit}
          sheet={() => figures(site, indicator, own, unit)}
        />
        <a href={link({ view: "brief", area: county.code })}>{say("toBrief")}</a>
        <a href={link({ view: "compare", areas: [county.code, county.parent, PROVINCE].filter(Boolean).join(",") })}>{say("toCompare")}</a>
      </p>
    </section>
  );
}
