import { useMemo } from "preact/hooks";
import { amount, number } from "../../data/format";
import { useValues } from "../../data/load";
import { areaOf, areasAt, cells, PROVINCE, TOTAL } from "../../data/select";
import type { Indicator, ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { RAMP } from "../../parts/colours";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { DimensionPicker, IndicatorPicker, PeriodPicker, Select } from "../../parts/Pickers";
import { figures, spoken } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COUNTIES } from "../../words/counties";
import { PARTS } from "../../words/parts";
import type { Viewable } from "../view";
import { breakdowns, chosen, isByCounty, methodsOf } from "./choice";
import { Detail } from "./Detail";
import { Legend } from "./Legend";
import { type Mark, ShapeMap, TileMap } from "./Map";
import { OwnMapForm } from "./OwnMapForm";
import { useOwnMap } from "./own";
import { Ranking } from "./Ranking";
import { classes, classOf, openingPeriod, spread, standings } from "./standings";
import "./look.css";

const CLASSES = 5;

function Page() {
  const { catalogue, realm, term, go, name } = useSite();
  const say = useWords(COUNTIES);
  const parts = useWords(PARTS);
  const found = chosen(catalogue, realm, term("indicator"), term("method"));
  const offered = found ? breakdowns(catalogue, found.indicator, realm) : [];
  const dimension = offered.includes(term("dimension")) ? term("dimension") : (offered[0] ?? TOTAL);
  const values = useValues(realm, found?.indicator.code ?? null, found?.indicator.method ?? "", dimension);
  if (!found) return <p class="nothing">{say("noneHere")}</p>;
  const { indicator, instead } = found;
  const methods = methodsOf(catalogue, realm, indicator.code);
  const pick = (each: Indicator) => go({ indicator: each.code, method: each.method, dimension: null, member: null, period: null });
  return (
    <div class="counties">
      <div class="controls">
        <IndicatorPicker value={indicator} onPick={pick} isWanted={(each) => isByCounty(each, realm)} />
        {methods.length > 1 && (
          <Select
            label={say("method")} value={indicator.method} choices={methods.map((each) => ({ value: each.method, label: name(each) }))}
            onPick={(method) => go({ indicator: indicator.code, method, dimension: null, member: null, period: null })}
          />
        )}
        {offered.length > 1 && (
          <DimensionPicker dimensions={offered} value={dimension} onPick={(value) => go({ dimension: value === offered[0] ? null : value, member: null })} />
        )}
        <Await of={values} absent={null}>{(file) => <Narrower file={file} />}</Await>
      </div>
      {instead && <p class="notice small" role="status">{say("provinceOnly", { asked: name(instead), shown: name(indicator) })}</p>}
      <Await of={values} absent={<p class="nothing">{parts("no_number")}</p>}>
        {(file) => <Explorer indicator={indicator} file={file} />}
      </Await>
    </div>
  );
}

/** What the file offers of counties, and what of it the address asks for. */
function useSlice(file: ValuesFile) {
  const { catalogue, term } = useSite();
  const codes = useMemo(() => areasAt(catalogue, "county").map((each) => each.code), [catalogue]);
  const all = useMemo(() => cells(file), [file]);
  const ofCounties = useMemo(() => {
    const wanted = new Set(codes);
    return all.filter((each) => wanted.has(each.area));
  }, [all, codes]);
  const present = new Set(ofCounties.map((each) => each.member));
  const named = catalogue.dimensions[file.dimension]?.members ?? [];
  const members = [...named.filter((each) => present.has(each.code)), ...[...present].filter((code) => !named.some((each) => each.code === code)).map((code) => ({ code, zh: code, en: code }))];
  const member = members.find((each) => each.code === term("member")) ?? members.find((each) => each.code === TOTAL) ?? members[0];
  const ofMember = ofCounties.filter((each) => each.member === member?.code);
  const periods = [...new Set(ofMember.map((each) => each.period))].sort();
  const period = periods.includes(term("period")) ? term("period") : openingPeriod(ofMember, codes);
  return { codes, all, members, member, periods, period, here: ofMember.filter((each) => each.period === period) };
}

function Narrower({ file }: { file: ValuesFile }) {
  const { go, name } = useSite();
  const say = useWords(COUNTIES);
  const { members, member, periods, period } = useSlice(file);
  return (
    <>
      {members.length > 1 && (
        <Select label={say("member")} value={member!.code} choices={members.map((each) => ({ value: each.code, label: name(each) }))} onPick={(value) => go({ member: value })} />
      )}
      {period && <PeriodPicker periods={periods} value={period} onPick={(value) => go({ period: value })} />}
    </>
  );
}

function Explorer({ indicator, file }: { indicator: Indicator; file: ValuesFile }) {
  const site = useSite();
  const { catalogue, name, lang, term, go, realm } = site;
  const say = useWords(COUNTIES);
  const { codes, all, member, period, here } = useSlice(file);
  const map = useOwnMap(codes);
  if (!member || !period) return <p class="nothing">{say("noCounties")}</p>;
  const { unit } = file;
  const plain = (value: number) => number(value, unit, lang);
  const found = standings(here, codes, indicator.better, plain);
  const borders = classes(found.ranked.map((each) => each.cell.value!), CLASSES, plain);
  const colours = spread(RAMP.slice(0, 6), borders.length);
  const of = found.ranked.length;
  const place = (code: string) => {
    const standing = found.ranked.find((each) => each.cell.area === code);
    return standing ? say(standing.isShared ? "placedShared" : "placed", { rank: standing.rank, of }) : null;
  };
  const marks = codes.map((code): Mark => {
    const area = areaOf(catalogue, code)!;
    const cell = here.find((each) => each.area === code);
    const value = cell?.status === "published" ? cell.value : null;
    const prefecture = area.parent ? areaOf(catalogue, area.parent) : undefined;
    const told = cell ? spoken(site, cell, unit) : say("absent");
    return {
      area,
      label: [name(area), prefecture && name(prefecture), told, place(code)].filter(Boolean).join(say("between")),
      text: value === null ? null : plain(value),
      kind: value !== null ? "number" : cell && cell.status !== "published" ? cell.status : "absent",
      fill: value === null ? null : colours[classOf(borders, value)]!,
    };
  });
  const opened = marks.find((each) => each.area.code === term("area"))?.area ?? null;
  const isShapes = map.shapes !== null && term("map", "shapes") === "shapes";
  const open = (code: string) => go({ area: code });
  const close = () => {
    const code = opened!.code;
    go({ area: null });
    setTimeout(() => document.querySelector<SVGGElement>(`.spot[data-code="${code}"]`)?.focus());
  };
  const label = say("mapOf", { indicator: name(indicator), period });
  const shown = { label, marks, opened: opened?.code ?? null, onOpen: open };
  return (
    <>
      <div class="headline">
        <p class="what">
          <strong>{name(indicator)}</strong>{file.dimension !== TOTAL && ` · ${name(member)}`} · {period}
        </p>
        <Definition
          indicator={indicator} area={PROVINCE} period={period} dimension={file.dimension} member={member.code} unit={unit}
          point={all.find((each) => each.area === PROVINCE && each.period === period && each.member === member.code)!}
          sheet={() => figures(site, indicator, here, unit)}
        />
        <ProvinceFigure all={all} member={member.code} period={period} unit={unit} />
        <Download sheet={() => figures(site, indicator, here, unit)} />
      </div>
      <div class="explorer">
        <div class="left">
          {map.shapes && (
            <fieldset class="kinds">
              <legend class="unseen">{say("kindOfMap")}</legend>
              {(["shapes", "tiles"] as const).map((kind) => (
                <button key={kind} type="button" aria-pressed={isShapes === (kind === "shapes")} onClick={() => go({ map: kind })}>{say(kind)}</button>
              ))}
            </fieldset>
          )}
          {isShapes ? <ShapeMap {...shown} shapes={map.shapes!} /> : <TileMap {...shown} />}
          {isShapes && Object.keys(map.shapes!.counties).length < codes.length && <p class="small soft">{say("drawnOf", { number: Object.keys(map.shapes!.counties).length })}</p>}
          <Legend classes={borders} colours={colours} unit={unit} marks={marks} />
          <OwnMapForm map={map} onChosen={() => go({ map: null })} />
        </div>
        <div class="right">
          {opened && (
            <Detail
              key={`${realm} ${opened.code}`} county={opened} indicator={indicator} cells={all} unit={unit} period={period}
              dimension={file.dimension} member={member.code} place={place(opened.code)} onClose={close}
            />
          )}
          <Ranking standings={found} indicator={indicator} unit={unit} onOpen={open} />
        </div>
      </div>
    </>
  );
}

function ProvinceFigure({ all, member, period, unit }: { all: ReturnType<typeof cells>; member: string; period: string; unit: string }) {
  const site = useSite();
  const say = useWords(COUNTIES);
  const whole = all.find((each) => each.area === PROVINCE && each.period === period && each.member === member);
  if (!whole) return null;
  return <p class="small">{say("provinceValue")}: <strong>{whole.value !== null && whole.status === "published" ? amount(whole.value, unit, site.lang) : spoken(site, whole, unit)}</strong></p>;
}

export const View: Viewable = {
  id: "counties",
  title: { zh: "各县（市、区）", en: "The counties" },
  lead: {
    zh: "九十个县（市、区）在地图和排名中的位置；不公布和缺少的数字照实标明。",
    en: "The ninety counties on a map and in a ranked list; what is withheld or missing is shown as such.",
  },
  Page,
};
