import { type Column as Field, meaning, type Part, type Table } from "../../data/dictionary";
import type { Lang } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { SqlBox } from "../../parts/SqlBox";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { DICTIONARY } from "../../words/dictionary";

/** One table: what it is, its columns, and how it is asked where it may be. */
export function Entry({ part, table, isOpen, withPart }: { part: Part; table: Table; isOpen: boolean; withPart?: boolean }) {
  const { lang, link, name } = useSite();
  const say = useWords(DICTIONARY);
  const what = meaning(table, lang);
  const facts: [string, string | undefined][] = [
    [say("key"), table.key?.join(", ")], [say("owner"), table.owner], [say("topic"), table.topic], [say("version"), table.version],
  ];
  return (
    <details class="entry" open={isOpen}>
      <summary>
        <code>{table.name}</code>
        {what.text && <span lang={tag(what.lang)}> {what.text}</span>}
        {withPart && <span class={`lock ${part.is_open ? "open" : ""}`}>{say(part.is_open ? "open" : "closed")}</span>}
      </summary>
      {withPart && <p class="small"><a href={link({ part: part.id, table: table.name, find: null })}>{name(part)}</a></p>}
      {table.notes?.map(([label, text]) => (
        <p key={label + text} class="note" lang="en">
          {label && <b lang={tag(lang)}>{label in DICTIONARY ? say(label as "Rules") : label}: </b>}
          {text.split("`").map((piece, at) => (at % 2 ? <code key={at}>{piece}</code> : piece))}
        </p>
      ))}
      {facts.some(([, value]) => value) && (
        <dl class="facts">
          {facts.filter(([, value]) => value).map(([label, value]) => <div key={label}><dt>{label}</dt><dd><code>{value}</code></dd></div>)}
        </dl>
      )}
      <DataTable caption={say("columns", { table: table.name })} quietCaption columns={useColumns(table)} rows={table.columns}
        rowKey={(each) => each.name} dense />
      {part.is_open && !withPart && <SqlBox sql={`select *\nfrom ${table.name}\nlimit 20;`} how={say("howTo")} />}
    </details>
  );
}

function useColumns(table: Table): Column<Field>[] {
  const { lang } = useSite();
  const say = useWords(DICTIONARY);
  const has = (test: (each: Field) => unknown) => table.columns.some(test);
  const columns: Column<Field>[] = [
    {
      key: "name", label: say("column"), isHead: true, sort: (each) => each.name,
      cell: (each) => (
        <>
          <code>{each.name}</code>
          {each.source_name && <span class="soft small">{say("sourceName", { name: each.source_name })}</span>}
        </>
      ),
    },
    { key: "means", label: say("means"), cell: (each) => <Meaning of={each} /> },
  ];
  if (has((each) => each.type)) {
    columns.push({
      key: "type", label: say("type"), sort: (each) => each.type ?? null,
      cell: (each) => (
        <>
          <code>{each.type}</code>
          {each.unit && <span class="soft small">{each.unit[lang === "zh" ? 0 : 1]}</span>}
        </>
      ),
    });
  }
  if (has((each) => each.class)) {
    columns.push({
      key: "class", label: say("class"), sort: (each) => each.class ?? null,
      cell: (each) => each.class && <span class={`class ${each.class}`}>{say(each.class)}</span>,
    });
  }
  return columns;
}

/** The meaning in the reader's language; with it the English one, which says more, where both exist. */
function Meaning({ of }: { of: Field }) {
  const { lang } = useSite();
  const say = useWords(DICTIONARY);
  const what = meaning(of, lang);
  const asides = [of.is_required && say("required"), of.refers_to && say("refersTo", { name: of.refers_to })].filter(Boolean);
  return (
    <>
      <span lang={tag(what.lang)}>{what.text}</span>
      {lang === "zh" && what.lang === "zh" && of.en && <span class="soft small" lang="en">{of.en}</span>}
      {asides.length > 0 && <span class="soft small">{asides.join(lang === "zh" ? "，" : ", ")}</span>}
      {of.codes && (
        <details class="small">
          <summary>{say("codes", { number: of.codes.length })}</summary>
          <ul>{of.codes.map(([code, zh, en]) => <li key={code}><code>{code}</code> {lang === "zh" ? zh : en}</li>)}</ul>
        </details>
      )}
    </>
  );
}

const tag = (lang: Lang) => (lang === "zh" ? "zh-CN" : "en");
