import { inOrder, memberName } from "../../data/members";
import { areaOf, type Cell, indicatorOf, pointsOf } from "../../data/select";
import { PALETTE } from "../../parts/colours";
import { DataTable } from "../../parts/DataTable";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { LineChart } from "../../parts/LineChart";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { LABOUR } from "../../words/labour";
import { APPLICANTS, isNumber } from "./figures";

const ALL = "#12212e";

/** Vacancies for each applicant by occupation, year by year, of one area. */
export function Applicants({ area, totals, occupations }: { area: string; totals: readonly Cell[]; occupations: readonly Cell[] }) {
  const site = useSite();
  const { catalogue, name } = site;
  const say = useWords(LABOUR);
  const here = occupations.filter((each) => each.area === area);
  const codes = inOrder(catalogue, "occupation", here.map((each) => each.member));
  const rows = [
    { code: "total", name: say("allKinds"), colour: ALL, points: pointsOf(totals, area) },
    ...codes.map((code, at) => ({
      code, name: name(memberName(catalogue, "occupation", code)), colour: PALETTE[at % PALETTE.length]!, points: pointsOf(here, area, code),
    })),
  ].filter((row) => row.points.length > 0);
  const periods = [...new Set(rows.flatMap((row) => row.points.map((each) => each.period)))].sort();
  const indicator = indicatorOf(catalogue, APPLICANTS.code, APPLICANTS.method);
  const named = areaOf(catalogue, area);
  const label = say("trendLabel", { area: named ? name(named) : area });
  if (!rows.some((row) => row.points.some(isNumber))) return null;
  const table = (
    <DataTable
      caption={label}
      columns={[
        { key: "occupation", label: say("occupation"), isHead: true, cell: (row: (typeof rows)[number]) => row.name },
        ...periods.map((period) => ({
          key: period, label: period, isNumber: true,
          sort: (row: (typeof rows)[number]) => row.points.find((each) => each.period === period)?.value ?? null,
          cell: (row: (typeof rows)[number]) => <Figure point={row.points.find((each) => each.period === period)} unit="ratio" />,
        })),
      ]}
      rows={rows}
      rowKey={(row) => row.code}
    />
  );
  return (
    <section aria-labelledby="applicants">
      <h2 id="applicants">{say("trend")}</h2>
      <LineChart periods={periods} lines={rows} unit="ratio" label={label} table={table} />
      {indicator && <Download sheet={() => figures(site, indicator, [...totals.filter((each) => each.area === area), ...here])} />}
    </section>
  );
}
