import { number } from "../../data/format";
import { memberName } from "../../data/members";
import { areaOf, at, type Cell, cells, holdings, indicatorOf, pointsOf, PROVINCE } from "../../data/select";
import { useSeveral, valuesPath } from "../../data/several";
import type { Indicator, ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { AreaPicker, PeriodPicker } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { FRAME } from "../../words/frame";
import { LABOUR } from "../../words/labour";
import type { Viewable } from "../view";
import { Applicants } from "./Applicants";
import { Areas } from "./Areas";
import { APPLICANTS, extremes, GRADUATES, isNumber, lastKnown } from "./figures";
import { Heat, pairOf } from "./Heat";
import { Pairs } from "./Pairs";
import "./look.css";

const FILES = [
  [GRADUATES, "total"], [GRADUATES, "field_occupation"], [GRADUATES, "field"], [APPLICANTS, "total"], [APPLICANTS, "occupation"],
] as const;

function Page() {
  const { catalogue, realm } = useSite();
  const paths = FILES.map(([{ code, method }, dimension]) =>
    holdings(indicatorOf(catalogue, code, method), realm)?.dimensions.includes(dimension) ? valuesPath(realm, code, method, dimension) : null);
  return <Await of={useSeveral<ValuesFile>(paths)}>{(files) => <Labour files={files} />}</Await>;
}

function Labour({ files }: { files: (ValuesFile | undefined)[] }) {
  const { term, go, catalogue, name } = useSite();
  const say = useWords(LABOUR);
  const frame = useWords(FRAME);
  const [graduates, pairs, fields, applicants, occupations] = files.map((file) => (file ? cells(file) : [])) as [Cell[], Cell[], Cell[], Cell[], Cell[]];
  const totals = [...graduates, ...applicants];
  const known = new Set(totals.map((each) => each.area));
  const area = known.has(term("area")) ? term("area") : PROVINCE;
  const periods = [...new Set(totals.map((each) => each.period))].sort();
  const year = periods.includes(term("period")) ? term("period") : (lastKnown(totals) ?? periods.at(-1));
  if (!year) return <p class="nothing">{frame("absent")}</p>;
  // fields of study are told for the province alone
  const hasPairs = pairs.some((each) => each.area === area);
  const of = (all: Cell[]) => all.filter((each) => each.area === (hasPairs ? area : PROVINCE) && each.period === year);
  const placed = areaOf(catalogue, hasPairs ? area : PROVINCE);
  return (
    <>
      <div class="controls">
        <AreaPicker value={area} isWanted={(code) => known.has(code)} onPick={(code) => go({ area: code })} />
        <PeriodPicker periods={periods} value={year} onPick={(period) => go({ period })} />
      </div>
      <ul class="pair">
        <Ratio of={APPLICANTS} points={pointsOf(applicants, area)} year={year} />
        <Ratio of={GRADUATES} points={pointsOf(graduates, area)} year={year} />
      </ul>
      {of(pairs).length > 0 && (
        <section aria-labelledby="heat">
          <h2 id="heat">{say("heat")}</h2>
          <Told cells={of(pairs)} />
          {!hasPairs && <p class="soft">{say("provinceOnly")}</p>}
          <Heat cells={of(pairs)} fields={of(fields)} caption={say("heatCaption", { year, area: placed ? name(placed) : area })} />
          <Pairs cells={of(pairs)} year={year} />
        </section>
      )}
      <Applicants area={area} totals={applicants} occupations={occupations} />
      <Areas year={year} graduates={graduates} applicants={applicants} />
      <section aria-labelledby="how">
        <h2 id="how">{say("how")}</h2>
        <ul>
          <li>{say("howJudged")}</li>
          <li>{say("howNotAdded")}</li>
          <li>{say("howVacancies")}</li>
        </ul>
      </section>
    </>
  );
}

/** One ratio, large, with its years and its sentence. */
function Ratio({ of, points, year }: { of: { code: string; method: string }; points: Cell[]; year: string }) {
  const site = useSite();
  const say = useWords(LABOUR);
  const indicator: Indicator | undefined = indicatorOf(site.catalogue, of.code, of.method);
  const point = at(points, year) as Cell | undefined;
  if (!indicator) return null;
  const isApplicants = of.code === APPLICANTS.code;
  const title = say(isApplicants ? "perApplicant" : "perGraduate");
  const hundred = isNumber(point) ? number(100 * point.value, "persons", site.lang) : "";
  return (
    <li>
      <h2>{title}</h2>
      <p class="main">
        <Figure point={point} unit="ratio" size="big" detail />
        <Trend points={points} unit="ratio" label={title} />
      </p>
      {isNumber(point) && (
        <p>
          {isApplicants
            ? say(point.value >= 1 ? "perApplicantMore" : "perApplicantFewer", { year, hundred })
            : say("perGraduateSaid", { year, value: number(point.value, "ratio", site.lang) })}
        </p>
      )}
      <Definition indicator={indicator} point={point} area={point?.area ?? PROVINCE} sheet={() => figures(site, indicator, points)} />
    </li>
  );
}

/** What stands out in the heat map. */
function Told({ cells: all }: { cells: Cell[] }) {
  const { catalogue, name, lang } = useSite();
  const say = useWords(LABOUR);
  const ends = extremes(all);
  const facts = (cell: Cell & { value: number }) => {
    const [field, occupation] = pairOf(cell.member);
    return {
      field: name(memberName(catalogue, "field", field)), occupation: name(memberName(catalogue, "occupation", occupation)),
      value: number(cell.value, "ratio", lang),
    };
  };
  const shown = all.filter(isNumber).length;
  return (
    <p>
      {ends && `${say("most", facts(ends.most))} ${say("fewest", facts(ends.fewest))} `}
      {shown < all.length && say("shownOf", { shown, all: all.length })}
    </p>
  );
}

export const View: Viewable = {
  id: "labour",
  title: { zh: "毕业生与招聘岗位", en: "Graduates and vacancies" },
  lead: {
    zh: "每名毕业生、每名求职者各有几个登记岗位，哪些专业对应的岗位多，哪些少。",
    en: "How many registered vacancies there are for each graduate and each applicant, and which fields of study have many or few.",
  },
  Page,
};
