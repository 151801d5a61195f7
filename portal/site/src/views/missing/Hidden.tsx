import { amount, count } from "../../data/format";
import { useValues } from "../../data/load";
import { cells } from "../../data/select";
import type { Indicator } from "../../data/types";
import { Await } from "../../parts/Await";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { indicatorsHeld, keyOf, subjectName, titleAmong } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { MISSING } from "../../words/missing";
import { PARTS } from "../../words/parts";

const REASONS = ["whyFew", "whyGiven", "whyBound", "whyChange", "whyPart"] as const;
const DERIVED = "inequality";

/** How much is withheld and why in general; never which, as that would give away what is small. */
export function Hidden() {
  const { catalogue, realm, lang, name, term, link } = useSite();
  const say = useWords(MISSING);
  const parts = useWords(PARTS);
  const rows = indicatorsHeld(catalogue, realm).filter((each) => each.subject !== DERIVED && each.has[realm]!.withheld > 0);
  const share = (each: Indicator) => (100 * each.has[realm]!.withheld) / (each.has[realm]!.withheld + each.has[realm]!.published);
  const chosen = rows.find((each) => keyOf(each) === term("withheld"));
  const columns: Column<Indicator>[] = [
    {
      key: "name", label: parts("indicator"), isHead: true, sort: (row) => name(row),
      cell: (row) => <a href={link({ withheld: row === chosen ? null : keyOf(row) })} aria-current={row === chosen ? "true" : undefined}>{titleAmong(row, rows, name)}</a>,
    },
    { key: "subject", label: say("subject"), sort: (row) => row.subject, cell: (row) => subjectName(row.subject, parts) },
    { key: "withheld", label: say("withheld"), isNumber: true, sort: (row) => row.has[realm]!.withheld, cell: (row) => count(row.has[realm]!.withheld, lang) },
    { key: "published", label: say("published"), isNumber: true, sort: (row) => row.has[realm]!.published, cell: (row) => count(row.has[realm]!.published, lang) },
    { key: "share", label: say("share"), isNumber: true, sort: share, cell: (row) => amount(share(row), "pct", lang) },
  ];
  return (
    <section aria-labelledby="hidden">
      <h2 id="hidden">{say("hidden")}</h2>
      <p>{say("hiddenLead")}</p>
      <ul class="reasons">{REASONS.map((each) => <li key={each}>{say(each)}</li>)}</ul>
      <p class="soft">{say("extremes")}</p>
      {rows.length > 0 && (
        <DataTable caption={say("hiddenTable")} columns={columns} rows={rows} rowKey={keyOf} sortBy="withheld" isDown dense />
      )}
      {chosen && <ByPeriod key={keyOf(chosen)} indicator={chosen} />}
    </section>
  );
}

/** The published count of withheld figures of one indicator, period by period. */
function ByPeriod({ indicator }: { indicator: Indicator }) {
  const { catalogue, realm, name } = useSite();
  const say = useWords(MISSING);
  const parts = useWords(PARTS);
  const counted = catalogue.indicators.find((each) => each.code === "withheld_figures");
  const isHeld = counted?.has[realm]?.dimensions.includes(keyOf(indicator));
  const values = useValues(realm, isHeld ? "withheld_figures" : null, "count", keyOf(indicator));
  const caption = say("periods", { name: name(indicator) });
  return (
    <Await of={values} absent={null}>
      {(file) => (
        <DataTable
          caption={caption} dense rows={cells(file)} rowKey={(row) => row.period}
          columns={[
            { key: "period", label: parts("period"), isHead: true, sort: (row) => row.period, cell: (row) => row.period },
            { key: "value", label: say("withheld"), isNumber: true, sort: (row) => row.value, cell: (row) => <Figure point={row} unit="figures" /> },
          ]}
        />
      )}
    </Await>
  );
}
