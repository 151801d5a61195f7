import { useMemo } from "preact/hooks";
import { amount, unitFor, unitName } from "../../data/format";
import { type Cell, pointsOf } from "../../data/select";
import type { Indicator, ValuesFile } from "../../data/types";
import { Chart, TOOLTIP } from "../../parts/Chart";
import { PALETTE } from "../../parts/colours";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures, spoken } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { PARTS } from "../../words/parts";
import { lines } from "./lines";
import { AGE } from "./splits";

interface Props {
  indicator: Indicator;
  file: ValuesFile;
  all: readonly Cell[];
  area: string;
  period: string;
}

/** Age bands side by side: there are more than two, and no index of theirs is published. */
export function Ages({ indicator, file, all, area, period }: Props) {
  const site = useSite();
  const { catalogue, lang, name } = site;
  const say = useWords(GAPS);
  const parts = useWords(PARTS);
  const unit = unitFor(indicator);
  const order = catalogue.dimensions[AGE]?.members ?? [];
  const bands = [...order.map((each) => each.code).filter((code) => file.members.includes(code)), ...file.members.filter((code) => !order.some((each) => each.code === code))];
  const called = (code: string) => {
    const known = order.find((each) => each.code === code);
    return known ? name(known) : code;
  };
  const point = (band: string) => pointsOf(all, area, band).find((each) => each.period === period);
  const shown = bands.filter((band) => point(band)?.status === "published" && point(band)!.value !== null).sort((a, b) => point(a)!.value! - point(b)!.value!);
  const tell = (band: string) => amount(point(band)!.value!, unit, lang);
  const option = useMemo(
    () =>
      lines(
        file.periods,
        bands.map((band, index) => ({ name: called(band), colour: PALETTE[index % PALETTE.length]!, points: pointsOf(all, area, band) })),
        { unit: unitName(unit, lang), gap: say("gap"), told: (each) => (each ? spoken(site, each, unit) : parts("no_number")) },
        TOOLTIP,
      ),
    [file, area, lang],
  );
  const columns: Column<string>[] = [
    { key: "band", label: say("age_band"), isHead: true, cell: called },
    { key: "value", label: period, isNumber: true, sort: (band) => point(band)?.value ?? null, cell: (band) => <Figure point={point(band)} unit={unit} detail /> },
    {
      key: "define", label: parts("definition"),
      cell: (band) => (
        <Definition indicator={indicator} point={point(band)} area={area} dimension={AGE} member={band}
          sheet={() => figures(site, indicator, all.filter((each) => each.area === area), unit)} />
      ),
    },
  ];
  const table = <DataTable caption={say("bands")} columns={columns} rows={bands} rowKey={(band) => band} />;
  return (
    <section aria-labelledby="bands">
      <h3 id="bands">{say("bands")}</h3>
      <p class="soft">{say("bandsLead")}</p>
      {shown.length > 1 && (
        <p class="sum">
          {say("bandsTell", { high: called(shown.at(-1)!), highValue: tell(shown.at(-1)!), low: called(shown[0]!), lowValue: tell(shown[0]!) })}
        </p>
      )}
      {file.periods.length > 1 ? <Chart option={option} height={340} label={say("bands")} table={table} /> : table}
    </section>
  );
}
