import { useQuestions } from "../../data/load";
import type { QuestionsFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { Copy } from "../../parts/Copy";
import { type Column, DataTable } from "../../parts/DataTable";
import { Download } from "../../parts/Download";
import { SqlBox } from "../../parts/SqlBox";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { QUESTIONS } from "../../words/questions";
import type { Viewable } from "../view";
import "./look.css";

type Question = QuestionsFile[number];
type Row = { at: number; cells: Question["rows"][number] };

function Page() {
  const say = useWords(QUESTIONS);
  return (
    <Await of={useQuestions()} absent={<p>{say("none")}</p>}>
      {(questions) => <Questions questions={questions} />}
    </Await>
  );
}

function Questions({ questions }: { questions: QuestionsFile }) {
  const { term, link, name } = useSite();
  const say = useWords(QUESTIONS);
  const chosen = questions.find((each) => each.id === term("question")) ?? questions[0];
  if (!chosen) return <p>{say("none")}</p>;
  return (
    <div class="questions">
      <nav aria-label={say("list")}>
        <ol>
          {questions.map((each) => (
            <li key={each.id}>
              <a href={link({ question: each.id })} aria-current={each.id === chosen.id ? "true" : undefined}>
                {name(each.question)}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <Answered key={chosen.id} question={chosen} />
    </div>
  );
}

function Answered({ question }: { question: Question }) {
  const { catalogue, lang, name } = useSite();
  const say = useWords(QUESTIONS);
  const other = lang === "zh" ? "_en" : "_zh"; // names in the other language stay in the download
  const rows = question.rows.map((cells, at) => ({ at, cells }));
  return (
    <article aria-labelledby="question">
      <h2 id="question">{name(question.question)}</h2>
      <h3>{say("answer", { release: catalogue.release.id, rows: rows.length })}</h3>
      {rows.length === 0 ? (
        <p>{say("nothing")}</p>
      ) : (
        <>
          <DataTable
            caption={say("caption", { question: name(question.question) })}
            columns={question.columns.flatMap((column, at) => (column.endsWith(other) ? [] : [columnOf(question, column, at)]))}
            rows={rows}
            rowKey={(row) => String(row.at)}
            quietCaption
            dense
          />
          <Download sheet={() => ({ name: question.id, columns: question.columns, rows: question.rows })} />
        </>
      )}
      <h3>{say("sql")}</h3>
      <SqlBox sql={question.sql} />
      <How question={question} />
    </article>
  );
}

function columnOf(question: Question, label: string, at: number): Column<Row> {
  const isNumber = question.rows.every((row) => row[at] === null || typeof row[at] === "number");
  return { key: `${at}`, label, isNumber, cell: (row) => row.cells[at] ?? "–", sort: (row) => row.cells[at] ?? null };
}

function How({ question }: { question: Question }) {
  const say = useWords(QUESTIONS);
  const lines = [
    ["cli", `./flyover sql "$(cat portal/questions/${question.id}.sql)"`],
    ["psql", "psql -h HOST -p PORT -U policymaker -d flyover"],
    ["files", "duckdb -c \"select * from 'parquet/current_indicator_value.parquet' limit 5\""],
  ] as const;
  return (
    <details>
      <summary>{say("how")}</summary>
      {lines.map(([told, command]) => (
        <div key={told} class="command">
          <p>{say(told)}</p>
          <pre tabIndex={0}><code>{command}</code></pre>
          <Copy text={() => command} />
        </div>
      ))}
    </details>
  );
}

export const View: Viewable = {
  id: "questions",
  title: { zh: "用 SQL 提问", en: "Questions in SQL" },
  lead: {
    zh: "政策制定者常问的十个问题：语句、本次发布的回答，以及自己运行的办法。",
    en: "Ten questions policymakers ask: the statement, this release's answer, and how to run it yourself.",
  },
  Page,
};
