import { useEffect, useRef } from "preact/hooks";
import { count } from "../../data/format";
import { areaOf, indicatorOf } from "../../data/select";
import { Definition } from "../../parts/Definition";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { MISSING } from "../../words/missing";
import type { Waiting } from "./returns";

/** Sources that no one fills in by hand: a system sends them. */
const SYSTEMS = new Set(["xapi", "caliper", "oulad"]);

/** What a return would make computable, for which areas it is missing, and how it is sent. */
export function Details({ group, title }: { group: Waiting; title: string }) {
  const { catalogue, lang, link, name } = useSite();
  const say = useWords(MISSING);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const numbers = (key: string) => group.rows.filter((row) => `${row.indicator}.${row.method}` === key).reduce((sum, row) => sum + row.numbers, 0);
  const tables = group.sources.filter((each) => !SYSTEMS.has(each)).map((each) => `./flyover template ${each}`);
  const notes = [...new Set(group.rows.map((row) => row.missing_return))];
  return (
    <article class="return-details" aria-labelledby="details">
      <header>
        <h3 id="details" ref={heading} tabIndex={-1}>{title}</h3>
        <a href={link({ return: null })}>{say("hide")}</a>
      </header>
      <p>{say("then", { number: count(group.numbers, lang) })} <span class="soft">{say("thenMaybe")}</span></p>
      <ul class="indicators">
        {group.indicators.map((key) => {
          const [code, method] = key.split(".", 2);
          const indicator = indicatorOf(catalogue, code!, method);
          return (
            <li key={key}>
              <span>{indicator ? name(indicator) : key}</span> <span class="soft">{say("figures", { number: count(numbers(key), lang) })}</span>{" "}
              {indicator && <Definition indicator={indicator} />}
            </li>
          );
        })}
      </ul>
      {group.areas.length > 0 && (
        <p>
          {say("forAreas", { number: group.areas.length })}{" "}
          {group.areas.map((code) => { const area = areaOf(catalogue, code); return area ? name(area) : code; }).join(lang === "zh" ? "、" : ", ")}
        </p>
      )}
      {group.sources.length > 0 && (
        <section class="how">
          <h4>{say("how")}</h4>
          <ol>
            <li>{tables.length ? say("howOne", { commands: tables.join(lang === "zh" ? "、" : ", ") }) : say("howSystem")}</li>
            <li>{say("howTwo", { sources: group.sources.join(", ") })}</li>
            <li>{say("howThree")}</li>
          </ol>
          <p class="small soft">{say("howMore")}</p>
        </section>
      )}
      <details>
        <summary>{say("told")}</summary>
        <ul class="small">{notes.map((note) => <li key={note}>{note}</li>)}</ul>
      </details>
    </article>
  );
}
