import { memberName } from "../../data/members";
import { areaOf, at, type Cell, cells, holdings, indicatorOf, newest, pointsOf, PROVINCE } from "../../data/select";
import { useSeveral, valuesPath } from "../../data/several";
import type { Point, ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { AreaPicker, Select } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { FRAME } from "../../words/frame";
import { PLACES } from "../../words/places";
import type { Viewable } from "../view";
import { Areas } from "./Areas";
import { ENTRANTS, OCCUPANCY, PLACES_NEEDED, SENIORS, STAGES, TEACHERS_NEEDED, YEAR } from "./figures";
import { Need } from "./Need";
import { Years } from "./Years";
import "./look.css";

const FILES = [
  [PLACES_NEEDED, "stage"], [TEACHERS_NEEDED, "stage"], [ENTRANTS, "total"], [SENIORS, "total"], [OCCUPANCY, "stage"],
] as const;

function Page() {
  const { catalogue, realm } = useSite();
  const paths = FILES.map(([{ code, method }, wanted]) => {
    const held = holdings(indicatorOf(catalogue, code, method), realm)?.dimensions ?? [];
    // what no return has reached waits as one number, without stages
    const dimension = [wanted, "total"].find((each) => held.includes(each));
    return dimension ? valuesPath(realm, code, method, dimension) : null;
  });
  return <Await of={useSeveral<ValuesFile>(paths)}>{(files) => <Needs files={files} />}</Await>;
}

function Needs({ files }: { files: (ValuesFile | undefined)[] }) {
  const { term, go, catalogue, name } = useSite();
  const say = useWords(PLACES);
  const frame = useWords(FRAME);
  const [places, teachers, entrants, seniors, occupancy] = files.map((file) => (file ? cells(file) : [])) as [Cell[], Cell[], Cell[], Cell[], Cell[]];
  const known = new Set([...places, ...teachers].map((each) => each.area));
  const area = known.has(term("area")) ? term("area") : PROVINCE;
  const periods = [...new Set([...places, ...teachers, ...entrants].map((each) => each.period))].sort();
  const year = periods.includes(term("period")) ? term("period") : periods.includes(YEAR) ? YEAR : (periods.at(-1) ?? YEAR);
  const stages = STAGES.filter((each) => places.some((one) => one.member === each) || teachers.some((one) => one.member === each));
  const stage = stages.find((each) => each === term("stage")) ?? stages[0];
  const stageName = (code: string) => name(memberName(catalogue, "stage", code));
  const placed = areaOf(catalogue, area);
  const named = placed ? name(placed) : area;
  const all = (cellsOf: Cell[], code: string) => pointsOf(cellsOf, area, code);
  if ([places, teachers, entrants, seniors].every((each) => each.length === 0)) return <p class="nothing">{frame("absent")}</p>;
  return (
    <>
      <div class="controls">
        <AreaPicker value={area} isWanted={(code) => known.has(code)} onPick={(code) => go({ area: code })} />
        <Select label={say("year")} value={year} choices={periods.map((each) => ({ value: each, label: each }))} onPick={(period) => go({ period })} />
      </div>
      {stages.length > 0 && (
        <section aria-labelledby="needed">
          <h2 id="needed">{say("needed", { year })}</h2>
          <ul class="stages">
            {stages.map((code) => (
              <li key={code}>
                <h3>{stageName(code)}</h3>
                <Need title={say("placesNeeded")} of={PLACES_NEEDED} cell={at(all(places, code), year) as Cell | undefined} points={all(places, code)} dimension="stage" occupancy={newest(all(occupancy, code)) as Cell | undefined} />
                <Need title={say("teachersNeeded")} of={TEACHERS_NEEDED} cell={at(all(teachers, code), year) as Cell | undefined} points={all(teachers, code)} dimension="stage" />
              </li>
            ))}
          </ul>
        </section>
      )}
      {stage && (
        <section aria-labelledby="years">
          <h2 id="years">{say("years")}</h2>
          <div class="controls">
            <Select label={say("stageOf")} value={stage} choices={stages.map((each) => ({ value: each, label: stageName(each) }))} onPick={(value) => go({ stage: value })} />
          </div>
          <div class="two">
            <div>
              <h3>{say("placesNeeded")}</h3>
              <Years label={say("chart", { area: named, stage: stageName(stage) })} unit="places" points={all(places, stage)} before={counted(all(occupancy, stage))} />
            </div>
            <div>
              <h3>{say("teachersNeeded")}</h3>
              <Years label={say("teachersChart", { area: named, stage: stageName(stage) })} unit="persons" points={all(teachers, stage)} />
            </div>
          </div>
          <Areas year={year} stage={stage} stageName={stageName(stage)} places={places} teachers={teachers} />
        </section>
      )}
      <section aria-labelledby="others">
        <h2 id="others">{say(stages.length === 0 ? "all" : "others")}</h2>
        <ul class="stages">
          {stages.length === 0 && <Other title={say("placesNeeded")} of={PLACES_NEEDED} points={pointsOf(places, PROVINCE)} year={year} isProvinceOnly={false} />}
          {stages.length === 0 && <Other title={say("teachersNeeded")} of={TEACHERS_NEEDED} points={pointsOf(teachers, PROVINCE)} year={year} isProvinceOnly={false} />}
          <Other title={say("entrants")} of={ENTRANTS} points={pointsOf(entrants, PROVINCE)} year={year} isProvinceOnly={area !== PROVINCE} />
          <Other title={say("senior")} of={SENIORS} points={pointsOf(seniors, seniors.some((each) => each.area === area) ? area : PROVINCE)} year={year} isProvinceOnly={false} />
        </ul>
      </section>
      <section aria-labelledby="how">
        <h2 id="how">{say("how")}</h2>
        <ul>
          <li>{say("howTested")}</li>
          <li>{say("howBlind")}</li>
          <li>{say("howSums")}</li>
        </ul>
      </section>
    </>
  );
}

/** A forecast of one number a year; one that waits for a return says so whatever the year. */
function Other({ title, of, points, year, isProvinceOnly }: { title: string; of: { code: string; method: string }; points: Cell[]; year: string; isProvinceOnly: boolean }) {
  const say = useWords(PLACES);
  const cell = (at(points, year) as Cell | undefined) ?? points.find((each) => each.status === "needs_input");
  if (points.length === 0) return null;
  return (
    <li>
      <h3>{title}</h3>
      {isProvinceOnly && <p class="small soft">{say("provinceOnly")}</p>}
      {cell ? <Need title={year} of={of} cell={cell} points={points} /> : <p class="soft">{say("noSuchYear", { year })}</p>}
      {points.length > 1 && <Years label={title} unit="persons" points={points} />}
    </li>
  );
}

/** Pupils of the past years, out of pupils over approved places. */
const counted = (points: readonly Cell[]): Point[] =>
  points.map((each) => ({ ...each, value: each.numerator, low: null, high: null }));

export const View: Viewable = {
  id: "places",
  title: { zh: "2030年要多少学位、多少教师", en: "Places and teachers needed in 2030" },
  lead: {
    zh: "每个预测都注明区间，以及过去同样的预测错了多少。",
    en: "Every forecast stands with its interval and with how wrong such forecasts have been.",
  },
  Page,
};
