import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { Copy } from "./Copy";

/** What a figure is, in the terms of mart.current_indicator_value. */
export interface Slice {
  indicator: string;
  method: string;
  realm: string;
  area?: string | undefined;
  level?: string | undefined;
  period?: string | undefined;
  dimension?: string | undefined;
  member?: string | undefined;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The statement that gives the same figures to anyone who may read the mart. */
export function statement(slice: Slice): string {
  const terms: [string, string | undefined][] = [
    ["indicator_code", slice.indicator], ["method", slice.method], ["realm", slice.realm],
    ["dimension", slice.dimension ?? "total"], ["member", slice.member], ["area_code", slice.area],
    ["area_level", slice.level], ["period", slice.period],
  ];
  const where = terms.filter(([, value]) => value).map(([column, value]) => `${column} = ${quoted(value!)}`);
  return [
    "select area_code, period, member, status, value, value_low, value_high,",
    "    numerator, denominator, coverage_pct, as_of, definition_version",
    "from mart.current_indicator_value",
    `where ${where.join("\n    and ")}`,
    "order by area_code, period, member;",
  ].join("\n");
}

/** The command that leads from a figure to the deliveries it rests on; null where a figure is not one. */
export function traceCommand(slice: Slice): string | null {
  if (!slice.area || !slice.period) return null;
  const dimension = slice.dimension && slice.dimension !== "total"
    ? ` --dimension ${shell(slice.dimension)}${slice.member ? ` --member ${shell(slice.member)}` : ""}`
    : "";
  return `./flyover trace ${slice.indicator} ${slice.area} ${shell(slice.period)} --method ${slice.method} --realm ${slice.realm}${dimension}`;
}

const shell = (text: string) => (/^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A statement to read and copy. */
export function SqlBox({ sql, how }: { sql: string; how?: string }) {
  const say = useWords(PARTS);
  return (
    <div class="sql">
      <pre tabIndex={0} aria-label={say("sql")}><code>{sql}</code></pre>
      <Copy text={() => sql} />
      <p class="soft small">{how ?? say("sqlHow")}</p>
    </div>
  );
}
