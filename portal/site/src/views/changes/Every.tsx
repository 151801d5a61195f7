import { difference, unitFor } from "../../data/format";
import { useRevisions } from "../../data/load";
import { areaOf } from "../../data/select";
import type { Indicator, RevisionsFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { Because } from "../../parts/Because";
import { bySize, type Change, changesOf, counted, fateOf, keyOfChange, movedBy } from "../../parts/changes";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { fileName, type Sheet } from "../../parts/sheet";
import { because, memberName, told } from "../../parts/WhyChanged";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { CHANGES } from "../../words/changes";

const MOST = 100;

/** Every changed figure of one indicator: before, now, by how much and why; the reason stands in the address. */
export function Every({ indicator }: { indicator: Indicator }) {
  const { realm, name } = useSite();
  const say = useWords(CHANGES);
  const revisions = useRevisions(realm, indicator.code);
  return (
    <section class="every" aria-labelledby="every">
      <h2 id="every">{say("of", { name: name(indicator) })}</h2>
      <Await of={revisions}>{(file) => <Told indicator={indicator} file={file} />}</Await>
    </section>
  );
}

function Told({ indicator, file }: { indicator: Indicator; file: RevisionsFile }) {
  const site = useSite();
  const { catalogue, name, lang, term, go } = site;
  const say = useWords(CHANGES);
  const all = changesOf(file, { method: indicator.method });
  const changes = bySize(changesOf(file, { method: indicator.method, why: term("why") }));
  const shown = term("show") === "all" ? changes : changes.slice(0, MOST);
  const unit = unitOf(indicator, unitFor(indicator));
  const title = (code: string) => {
    const area = areaOf(catalogue, code);
    return area ? name(area) : code;
  };
  const columns: Column<Change>[] = [
    {
      key: "area", label: say("area"), isHead: true, sort: (row) => title(row.area),
      cell: (row) => <>{title(row.area)}{row.member !== "total" && <span class="group">{memberName(site, row)}</span>}</>,
    },
    { key: "period", label: say("period"), sort: (row) => row.period, cell: (row) => row.period },
    { key: "before", label: say("before"), isNumber: true, sort: (row) => row.old?.value ?? null, cell: (row) => told(site, row.old, unit) },
    { key: "now", label: say("now"), isNumber: true, sort: (row) => row.new?.value ?? null, cell: (row) => <strong>{told(site, row.new, unit)}</strong> },
    {
      key: "by", label: say("by"), isNumber: true, sort: movedBy,
      cell: (row) => (movedBy(row) === null ? say(fateOf(row)) : difference(movedBy(row)!, unit, lang)),
    },
    { key: "why", label: say("why"), sort: (row) => row.why, cell: (row) => because(site, row.why) },
  ];
  const sheet = (): Sheet => ({
    name: fileName("changes", indicator.code, indicator.method, file.realm, String(file.after)),
    columns: ["indicator", "method", "area_code", "area", "period", "dimension", "member", "status_before", "value_before", "status_now", "value_now", "change", "unit", "why", "release_before", "release_now"],
    rows: changes.map((row) => [
      indicator.code, row.method, row.area, title(row.area), row.period, row.dimension, row.member, row.old?.status ?? null, row.old?.value ?? null,
      row.new?.status ?? null, row.new?.value ?? null, movedBy(row), unit, row.why, file.before, file.after,
    ]),
  });
  return (
    <>
      <div class="controls">
        <fieldset class="choice">
          <legend>{say("why")}</legend>
          <button type="button" aria-pressed={!term("why")} onClick={() => go({ why: null })}>{say("any")}</button>
          {counted(all).map(({ why, number }) => (
            <button key={why} type="button" aria-pressed={term("why") === why} onClick={() => go({ why })}>{say("counted", { why: because(site, why), number })}</button>
          ))}
        </fieldset>
        <Download sheet={sheet} />
        <Definition indicator={indicator} />
      </div>
      <div class="why reasons-told"><Because file={file} changes={changes} /></div>
      {changes.length > shown.length && (
        <p class="small soft">
          {say("firstOf", { shown: shown.length, number: changes.length })} <button type="button" onClick={() => go({ show: "all" })}>{say("showAll")}</button>
        </p>
      )}
      <DataTable key={term("why")} caption={say("of", { name: name(indicator) })} quietCaption columns={columns} rows={shown} rowKey={keyOfChange} dense />
    </>
  );
}

/** A derived figure's unit is not told by its definition, and it may rest on several: shown as a bare number. */
function unitOf(indicator: Indicator, unit: string): string {
  return indicator.unit === "input" ? "index" : unit;
}
