import { type Part, search, type Table, useIndex, useTables } from "../../data/dictionary";
import { Await } from "../../parts/Await";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { DICTIONARY } from "../../words/dictionary";
import type { Viewable } from "../view";
import { Entry } from "./Entry";
import "./look.css";

const FIRST = "mart";
const MOST = 40;

function Page() {
  return <Await of={useIndex()}>{(index) => <Dictionary parts={index.parts} />}</Await>;
}

function Dictionary({ parts }: { parts: readonly Part[] }) {
  const { term, go } = useSite();
  const say = useWords(DICTIONARY);
  const asked = term("find").trim();
  const part = parts.find((each) => each.id === term("part", FIRST)) ?? parts[0]!;
  return (
    <>
      <div class="controls">
        <div class="pick words">
          <label for="find">{say("find")}</label>
          <input id="find" type="search" placeholder={say("hint")} value={term("find")}
            onInput={(event) => go({ find: event.currentTarget.value }, "replace")} />
        </div>
      </div>
      {asked ? <Found parts={parts} asked={asked} /> : <Browse parts={parts} part={part} />}
    </>
  );
}

function Browse({ parts, part }: { parts: readonly Part[]; part: Part }) {
  const { lang, link, name, term } = useSite();
  const say = useWords(DICTIONARY);
  const tables = useTables([part.id]);
  return (
    <div class="dictionary">
      <nav aria-label={say("parts")}>
        <ul class="parts">
          {parts.map((each) => (
            <li key={each.id}>
              <a href={link({ part: each.id, table: null })} aria-current={each.id === part.id ? "true" : undefined}>
                <b>{name(each)}</b>
                <span class={`lock ${each.is_open ? "open" : ""}`}>{say(each.is_open ? "open" : "closed")}</span>
                <span class="soft small">
                  {say(each.tables.length === 1 ? "sizeOfOne" : "size", { tables: each.tables.length, columns: each.tables.reduce((sum, table) => sum + table.columns.length, 0) })}
                </span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <section aria-labelledby="tables">
        <h2 id="tables">{say("tables", { part: name(part) })}</h2>
        <p>{lang === "zh" ? part.note_zh : part.note_en}</p>
        <Await of={tables}>
          {(held) => {
            const listed = held.get(part.id) ?? [];
            const opened = term("table") || listed[0]?.name;
            return <>{order(listed).map((table) => <Entry key={table.name} part={part} table={table} isOpen={table.name === opened} />)}</>;
          }}
        </Await>
      </section>
    </div>
  );
}

function Found({ parts, asked }: { parts: readonly Part[]; asked: string }) {
  const say = useWords(DICTIONARY);
  const tables = useTables(parts.map((each) => each.id));
  return (
    <Await of={tables}>
      {(held) => {
        const hits = search(parts, held, asked);
        const columns = hits.reduce((sum, hit) => sum + hit.columns.length, 0);
        return (
          <section>
            <p role="status">{hits.length ? say(hits.length === 1 ? "foundOne" : "found", { tables: hits.length, columns }) : say("nothing")}</p>
            {hits.slice(0, MOST).map(({ part, table, columns: fitting }, at) => (
              <Entry key={table.name} part={part} table={{ ...table, columns: fitting }} isOpen={at < 3} withPart />
            ))}
            {hits.length > MOST && <p class="soft">{say("others", { number: hits.length - MOST })}</p>}
          </section>
        );
      }}
    </Await>
  );
}

/** In the order given, but what a reader begins with comes first. */
function order(tables: readonly Table[]): Table[] {
  return [...tables].sort((one, other) => Number(other.name.includes("current_indicator")) - Number(one.name.includes("current_indicator")));
}

export const View: Viewable = {
  id: "dictionary",
  title: { zh: "数据字典", en: "Data dictionary" },
  lead: {
    zh: "每张表、每个字段的含义，以及谁能读取。",
    en: "What every table and column means, and who may read it.",
  },
  Page,
};
