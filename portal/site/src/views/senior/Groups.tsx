import { amount, unitFor } from "../../data/format";
import { useValues } from "../../data/load";
import { type Cell, cells, indicatorOf } from "../../data/select";
import type { ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PARTS } from "../../words/parts";
import { SENIOR } from "../../words/senior";
import { CODE, type Way } from "./ways";
import { RangeMark } from "./RangeMark";
import { rangeOf, scaleOf } from "./ranges";

const BREAKDOWNS = ["sex", "age_band"] as const;

/** Participation by sex and by age, of the newest year, in the area looked at. */
export function Groups({ area, held }: { area: string; held: readonly Way[] }) {
  const { catalogue, realm } = useSite();
  const say = useWords(SENIOR);
  const way = held.find((each) => indicatorOf(catalogue, CODE, each)?.has[realm]?.dimensions.includes("sex")) ?? held[0];
  if (!way) return null;
  return (
    <section aria-labelledby="who">
      <h2 id="who">{say("who")}</h2>
      <p class="soft">{say("whoLead")}</p>
      {held.map((each) => (
        <div key={each}>
          <h3>{say(each)}</h3>
          <div class="breakdowns">
            {BREAKDOWNS.map((dimension) => <Breakdown key={dimension} way={each} dimension={dimension} area={area} />)}
          </div>
        </div>
      ))}
    </section>
  );
}

function Breakdown({ way, dimension, area }: { way: Way; dimension: (typeof BREAKDOWNS)[number]; area: string }) {
  const { catalogue, realm } = useSite();
  const isHeld = indicatorOf(catalogue, CODE, way)?.has[realm]?.dimensions.includes(dimension);
  const values = useValues(realm, isHeld ? CODE : null, way, dimension);
  return <Await of={values} absent={null}>{(file) => <Members way={way} dimension={dimension} area={area} file={file} />}</Await>;
}

function Members({ way, dimension, area, file }: { way: Way; dimension: (typeof BREAKDOWNS)[number]; area: string; file: ValuesFile }) {
  const site = useSite();
  const { catalogue, name, lang } = site;
  const say = useWords(SENIOR);
  const parts = useWords(PARTS);
  const indicator = indicatorOf(catalogue, CODE, way)!;
  const unit = unitFor(indicator);
  const mine = cells(file).filter((each) => each.area === area);
  const period = mine.map((each) => each.period).sort().at(-1);
  const now = mine.filter((each) => each.period === period);
  if (!now.length) return null;
  const most = scaleOf(now.map(rangeOf), undefined);
  const members = catalogue.dimensions[dimension]?.members ?? [];
  const called = (code: string) => {
    const known = members.find((each) => each.code === code);
    return known ? name(known) : code;
  };
  const columns: Column<Cell>[] = [
    { key: "member", label: say(dimension), isHead: true, cell: (row) => called(row.member) },
    {
      key: "picture", label: say("pictureBare", { low: "0", high: amount(most, unit, lang) }),
      cell: (row) => <RangeMark range={rangeOf(row)} most={most} />,
    },
    { key: "value", label: say("value"), isNumber: true, cell: (row) => <Figure point={row} unit={unit} /> },
    {
      key: "define", label: parts("definition"),
      cell: (row) => <Definition indicator={indicator} point={row} area={area} dimension={dimension} member={row.member} sheet={() => figures(site, indicator, mine, unit)} />,
    },
  ];
  return <DataTable caption={`${say(dimension)}, ${period}`} columns={columns} rows={now} rowKey={(row) => row.member} dense />;
}
