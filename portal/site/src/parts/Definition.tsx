import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { amount, day, unitFor, unitName } from "../data/format";
import { PROVINCE, targetsOf } from "../data/select";
import type { Indicator, Point } from "../data/types";
import { useSite } from "../site";
import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { Copy } from "./Copy";
import { Download } from "./Download";
import { Figure } from "./Figure";
import { type Slice, SqlBox, statement, traceCommand } from "./SqlBox";
import type { Sheet } from "./sheet";
import { WhyChanged } from "./WhyChanged";

interface Props {
  indicator: Indicator;
  /** the figure it is opened at */
  point?: Point | undefined;
  area?: string;
  period?: string;
  dimension?: string | undefined;
  member?: string | undefined;
  /** of a derived figure whose unit is that of what it is made of */
  unit?: string;
  /** what is shown, as a file */
  sheet?: () => Sheet;
  /** the address that restores what is shown; unasked, the present one */
  link?: string;
  /** what the button says; unasked, "Definition and source" */
  label?: ComponentChildren;
}

/** Everything that stands behind a figure, in a drawer; closed with Escape, and the focus goes back to its button. */
export function Definition(props: Props) {
  const say = useWords(PARTS);
  const { name } = useSite();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    setOpen(true);
    dialog.current?.showModal();
  };
  const title = name(props.indicator);
  return (
    <>
      <button type="button" class="define" aria-haspopup="dialog" onClick={open}>
        {props.label ?? say("definition")}
        <span class="unseen">: {title}</span>
      </button>
      <dialog
        class="drawer"
        ref={dialog}
        aria-label={`${say("definition")}: ${title}`}
        onClose={() => setOpen(false)}
        onClick={(event) => event.target === dialog.current && dialog.current?.close()}
      >
        {isOpen && <Drawer {...props} onClose={() => dialog.current?.close()} />}
      </dialog>
    </>
  );
}

function Drawer(props: Props & { onClose: () => void }) {
  const { indicator, point, area, dimension, member, sheet, link, onClose } = props;
  const site = useSite();
  const { name, lang, realm } = site;
  const say = useWords(PARTS);
  const period = props.period ?? point?.period;
  const unit = props.unit ?? unitFor(indicator);
  const slice: Slice = { indicator: indicator.code, method: indicator.method, realm, area, period, dimension, member };
  const trace = traceCommand(slice);
  const address = () => new URL(link ?? window.location.hash, document.baseURI).href;
  return (
    <div class="inside">
      <header>
        <h2>{name(indicator)}</h2>
        <button type="button" class="close" onClick={onClose} aria-label={say("close")}>×</button>
      </header>
      <p class="lead">{name(indicator.sentence)}</p>
      {point && <p><Figure point={point} unit={unit} size="big" detail /></p>}
      <dl>{facts(props, unit, say, lang)}</dl>
      <Targets indicator={indicator} area={area ?? PROVINCE} unit={unit} />
      <h3>{say("why")}</h3>
      <WhyChanged indicator={indicator} unit={unit} area={area} period={period} dimension={dimension ?? (point && "total")} member={member} />
      <h3>{say("sql")}</h3>
      <SqlBox sql={statement(slice)} />
      {trace && (
        <>
          <h3>{say("trace")}</h3>
          <div class="sql"><pre tabIndex={0}><code>{trace}</code></pre><Copy text={() => trace} /></div>
        </>
      )}
      <footer>
        {sheet && <Download sheet={sheet} />}
        <Copy text={address} label={say("copyLink")} />
      </footer>
    </div>
  );
}

/** What a document of the government wants of the figure, with what the target minds. */
function Targets({ indicator, area, unit }: { indicator: Indicator; area: string; unit: string }) {
  const { catalogue, realm, lang } = useSite();
  const say = useWords(PARTS);
  const targets = targetsOf(catalogue, realm, indicator.code, indicator.method, area);
  if (!targets.length) return null;
  return (
    <>
      <h3>{say("targets")}</h3>
      <ul class="targets">
        {targets.map((each) => (
          <li key={each.year + each.document}>
            <strong>{say(each.direction === "at_most" ? "targetMost" : "targetLeast", { year: each.year, value: amount(each.value, unit, lang) })}</strong>
            {" — "}{each.document}{each.document_no && ` (${each.document_no})`}
            {each.note && <span class="soft"> {each.note}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

function facts({ indicator, point }: Props, unit: string, say: ReturnType<typeof useWords<typeof PARTS>>, lang: "zh" | "en") {
  const version = point?.version ?? indicator.version;
  const rows: [string, string | null][] = [
    [say("method"), indicator.method],
    [say("version"), say("versionOf", { version })],
    [say("formula"), indicator.formula],
    [say("numerator"), indicator.numerator],
    [say("denominator"), indicator.denominator],
    [say("source"), indicator.source],
    [say("referenceDate"), indicator.reference_date],
    [say("asOfName"), point ? day(point.as_of, lang) : null],
    [say("coverageName"), point?.coverage != null ? amount(point.coverage, "pct", lang) : null],
    [say("unit"), unitName(unit, lang) || unit],
    [say("missingReturn"), indicator.missing_return],
    [say("table1"), indicator.table_1 ? say("table1Row", { row: indicator.table_1 }) : null],
  ];
  return rows.filter(([, value]) => value).map(([term, value]) => (
    <div key={term}><dt>{term}</dt><dd>{value}</dd></div>
  ));
}
