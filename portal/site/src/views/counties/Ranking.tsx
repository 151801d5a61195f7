import { amount, unitName } from "../../data/format";
import { areaOf } from "../../data/select";
import type { Indicator } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COUNTIES } from "../../words/counties";
import type { Standing, Standings } from "./standings";
import { brief } from "./walk";

interface Props {
  standings: Standings;
  indicator: Indicator;
  unit: string;
  onOpen: (code: string) => void;
}

const ORDER = { higher: "listBest", lower: "listLowest", neither: "listHighest" } as const;

/** Counties by rank, with a bar where a bar is honest; below, those without a number and why. */
export function Ranking({ standings, indicator, unit, onOpen }: Props) {
  const { catalogue, name, lang, link } = useSite();
  const say = useWords(COUNTIES);
  const { ranked } = standings;
  const most = Math.max(0, ...ranked.map((each) => each.cell.value!));
  const hasBars = most > 0 && ranked.every((each) => each.cell.value! >= 0);
  const county = (code: string) => {
    const area = areaOf(catalogue, code);
    return area ? name(area) : code;
  };
  const parentOf = (code: string) => {
    const parent = areaOf(catalogue, code)?.parent;
    return parent ? brief(county(parent)) : "";
  };
  const columns: Column<Standing>[] = [
    { key: "rank", label: say("rank"), isNumber: true, sort: (each) => each.rank, cell: (each) => `${each.rank}${each.isShared ? "=" : ""}` },
    {
      key: "county", label: say("county"), isHead: true, sort: (each) => county(each.cell.area),
      cell: (each) => (
        <a href={link({ area: each.cell.area })} onClick={(event) => {
          event.preventDefault();
          onOpen(each.cell.area);
        }}>{county(each.cell.area)}</a>
      ),
    },
    {
      key: "value", label: `${say("value")}${unitName(unit, lang) && ` (${unitName(unit, lang)})`}`, isNumber: true, sort: (each) => each.cell.value,
      cell: (each) => (
        <span class="with-bar">
          {hasBars && <Bar share={each.cell.value! / most} />}
          <span class="number">{amount(each.cell.value!, unit, lang)}</span>
        </span>
      ),
    },
    { key: "prefecture", label: say("prefecture"), sort: (each) => parentOf(each.cell.area), cell: (each) => parentOf(each.cell.area) },
  ];
  return (
    <section class="ranking" aria-labelledby="list">
      <h2 id="list">{say("list")}</h2>
      {ranked.length === 0 ? <p class="nothing">{say("noneRanked")}</p> : (
        <>
          <p class="small soft">{say(ORDER[indicator.better])}{say("tiesRule")}</p>
          <DataTable caption={say("list")} quietCaption dense columns={columns} rows={ranked} rowKey={(each) => each.cell.area} />
        </>
      )}
      <Without standings={standings} county={county} />
    </section>
  );
}

/** From nothing, so that twice as long is twice as much. */
function Bar({ share }: { share: number }) {
  return (
    <svg class="share" viewBox="0 0 100 10" width="100" height="10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rail" width="100" height="10" />
      <rect class="fill" width={Math.max(share * 100, 0)} height="10" />
    </svg>
  );
}

function Without({ standings, county }: { standings: Standings; county: (code: string) => string }) {
  const say = useWords(COUNTIES);
  const { without, absent } = standings;
  if (without.length === 0 && absent.length === 0) return null;
  const list = (codes: readonly string[]) => codes.map(county).join(say("between"));
  return (
    <div class="without">
      <h3>{say("without")}</h3>
      <dl>
        {without.map(({ status, cells }) => (
          <div key={status}>
            <dt>{say(status)} <span class="soft">{say("someOf", { number: cells.length })}</span></dt>
            <dd>
              {list(cells.map((each) => each.area))}
              {status === "needs_input" && [...new Set(cells.map((each) => each.note).filter(Boolean))].slice(0, 3).map((note) => (
                <span key={note} class="note small">{note}</span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      {absent.length > 0 && (
        <details>
          <summary>{say("absentMore", { number: absent.length })}</summary>
          <p class="small">{list(absent)}</p>
        </details>
      )}
    </div>
  );
}
