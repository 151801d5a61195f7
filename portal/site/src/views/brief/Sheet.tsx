import { amount, day, difference } from "../../data/format";
import { areaOf, distance, indicatorOf, PROVINCE, targetOf } from "../../data/select";
import type { Area, AreaFile, TracesFile } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { BRIEF } from "../../words/brief";
import { isNumber } from "../compare/lines";
import { LEAST, missing, outstanding, type Row, withheldCount } from "./telling";

interface Props {
  county: Area;
  rows: readonly Row[];
  file: AreaFile | undefined;
  traces: TracesFile;
  /** everything has come that will: what a printer waits for */
  isComplete: boolean;
}

const MOST_MISSING = 3;
const MOST_NAMED = 3;

/** The page itself: as it stands on the screen it is printed. */
export function Sheet({ county, rows, file, traces, isComplete }: Props) {
  const site = useSite();
  const { catalogue, realm, name, link, lang } = site;
  const say = useWords(BRIEF);
  const prefecture = county.parent ? areaOf(catalogue, county.parent) : undefined;
  const groups = county.groups.filter((each) => each in BRIEF).map((each) => say(each as "mountain"));
  const { strengths, weaknesses } = outstanding(rows);
  // with its realm, which may open otherwise by the time the paper is read
  const address = new URL(link({ area: county.code, realm }), document.baseURI).href;
  const sheet = () => {
    const all = rows.map((row) => figures(site, row.indicator, row.points.map((each) => ({ ...each, area: county.code })), row.unit));
    return { name: `brief_${county.code}_${realm}_${catalogue.release.id}`, columns: all[0]?.columns ?? [], rows: all.flatMap((each) => each.rows) };
  };
  return (
    <article class="sheet" aria-labelledby="sheet" data-complete={isComplete}>
      <header>
        <h2 id="sheet">{say("title", { county: name(county) })}</h2>
        <p>{[prefecture && name(prefecture), ...(groups.length ? groups : [say("noGroup")])].filter(Boolean).join(" · ")}</p>
        {realm === "simulated" && <p class="invented">{say("simulated")}</p>}
      </header>
      <Figures rows={rows} county={county} />
      <p class="fine">{say("ranks")}</p>
      <div class="two">
        <Standouts title={say("strengths")} rows={strengths} />
        <Standouts title={say("weaknesses")} rows={weaknesses} />
      </div>
      <p class="fine">{say("rule", { least: LEAST })}</p>
      <MissingHere file={file} />
      <section aria-labelledby="sources">
        <h3 id="sources">{say("sources")}</h3>
        <p>
          <Agencies rows={rows} traces={traces} />{say("release", { id: catalogue.release.id, day: day(catalogue.release.published_at, lang) })}
        </p>
        <p class="fine address">{say("address")}: <span>{address}</span></p>
      </section>
      <footer class="ways">
        <a href={link({ view: "counties", area: county.code })}>{say("inExplorer")}</a>
        <Download sheet={sheet} />
      </footer>
    </article>
  );
}

function Figures({ rows, county }: { rows: readonly Row[]; county: Area }) {
  const site = useSite();
  const { name } = site;
  const say = useWords(BRIEF);
  const title = say("table", { county: name(county) });
  return (
    <div class="figures" role="region" aria-label={title} tabIndex={0}>
      <table>
        <caption class="unseen">{title}</caption>
        <colgroup><col /><col /><col /><col /><col /><col /></colgroup>
        <thead>
          <tr>
            <th scope="col">{say("indicator")}</th>
            <th scope="col" class="n">{say("value")}</th>
            <th scope="col" class="n">{say("province")}</th>
            <th scope="col" class="n">{say("rank")}</th>
            <th scope="col">{say("trend")}</th>
            <th scope="col">{say("target")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row.indicator)}>
              <th scope="row">
                {name(row.indicator)} <span class="soft">({row.period})</span>{" "}
                <Definition
                  label={<>{say("about")}<span class="unseen">: {name(row.indicator)}</span></>}
                  indicator={row.indicator} area={county.code} period={row.period} unit={row.unit} {...(row.point ? { point: row.point } : {})}
                  sheet={() => figures(site, row.indicator, row.points.map((each) => ({ ...each, area: county.code })), row.unit)}
                />
              </th>
              <td class="n own" data-label={say("value")}><Figure point={row.point} unit={row.unit} /></td>
              <td class="n" data-label={say("province")}><Figure point={row.province} unit={row.unit} /></td>
              <td class="n" data-label={say("rank")}><Rank row={row} /></td>
              <td class="way" data-label={say("trend")}><Way row={row} /></td>
              <td class="aim" data-label={say("target")}><Aim row={row} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Rank({ row }: { row: Row }) {
  const say = useWords(BRIEF);
  if (!row.rank) return <>{say("nothing")}</>;
  return (
    <>
      {say(row.rank.isShared ? "rankShared" : "rankOf", { rank: row.rank.rank, of: row.rank.of })}
      {row.indicator.better === "neither" && <small>{say("neither")}</small>}
    </>
  );
}

/** The line, and the change since the first figure; where the newest is no number there is none to tell. */
function Way({ row }: { row: Row }) {
  const { name, lang } = useSite();
  const say = useWords(BRIEF);
  if (row.points.length < 2) return <>{say("nothing")}</>;
  const first = row.points.find(isNumber);
  const own = row.point;
  return (
    <span class="over-time">
      <Trend points={row.points} unit={row.unit} label={name(row.indicator)} />
      {first && isNumber(own) && first.period < row.period && (
        <small>{say("since", { period: first.period, difference: difference(own.value - first.value, row.unit, lang) })}</small>
      )}
    </span>
  );
}

function Aim({ row }: { row: Row }) {
  const { catalogue, realm, lang } = useSite();
  const say = useWords(BRIEF);
  const target = targetOf(catalogue, realm, row.indicator.code, row.indicator.method, PROVINCE, row.period);
  if (!target) return <>—</>;
  const facts = { year: target.year, value: amount(target.value, row.unit, lang) };
  const own = row.point;
  return (
    <>
      {say(target.direction === "at_most" ? "atMost" : "atLeast", facts)}
      {isNumber(own) && say(distance(own.value, target).isMet ? "reached" : "notReached")}
    </>
  );
}

function Standouts({ title, rows }: { title: string; rows: readonly Row[] }) {
  const { name, lang } = useSite();
  const say = useWords(BRIEF);
  return (
    <section>
      <h3>{title}</h3>
      {rows.length === 0 ? <p>{say("none")}</p> : (
        <ol>
          {rows.map((row) => (
            <li key={keyOf(row.indicator)}>
              {say(row.rank!.isShared ? "placedShared" : "placed", {
                name: name(row.indicator), value: amount(row.point!.value!, row.unit, lang), rank: row.rank!.rank, of: row.rank!.of,
              })}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function MissingHere({ file }: { file: AreaFile | undefined }) {
  const { catalogue, name, link } = useSite();
  const say = useWords(BRIEF);
  const all = missing(file, (code, method) => indicatorOf(catalogue, code, method)?.missing_return ?? null);
  const withheld = withheldCount(file);
  const indicators = (series: (typeof all)[number]["series"]) => {
    const names = [...new Set(series.map((each) => {
      const indicator = indicatorOf(catalogue, each.indicator, each.method);
      return indicator ? name(indicator) : each.indicator;
    }))];
    const rest = names.length - MOST_NAMED;
    return names.slice(0, MOST_NAMED).join(say("between")) + (rest > 0 ? ` ${say("andMore", { number: rest })}` : "");
  };
  return (
    <section aria-labelledby="missing">
      <h3 id="missing">{say("missing")}</h3>
      {all.length === 0 ? <p>{say("nothingMissing")}</p> : (
        <ul>
          {all.slice(0, MOST_MISSING).map((each) => <li key={each.what}>{say("waits", { what: each.what, indicators: indicators(each.series) })}</li>)}
        </ul>
      )}
      <p>
        {all.length > MOST_MISSING && <a href={link({ view: "missing" })}>{say("moreMissing", { number: all.length - MOST_MISSING })}</a>}
        {withheld > 0 && <> {say("withheldCount", { number: withheld })}</>}
      </p>
    </section>
  );
}

/** Who sent what the figures rest on, each once. */
function Agencies({ rows, traces }: { rows: readonly Row[]; traces: TracesFile }) {
  const { name, realm } = useSite();
  const say = useWords(BRIEF);
  const shown = new Set(rows.map((row) => keyOf(row.indicator)));
  const names = traces
    .filter((each) => each.realm === realm && shown.has(`${each.indicator}.${each.method}`))
    .flatMap((each) => each.agencies.map(name));
  const all = [...new Set(names)];
  return all.length ? <>{say("from", { agencies: all.join(say("between")) })} </> : null;
}
