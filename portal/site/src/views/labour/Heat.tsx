import { number } from "../../data/format";
import { inOrder, memberName } from "../../data/members";
import type { Cell } from "../../data/select";
import { isDark, RAMP } from "../../parts/colours";
import { Figure } from "../../parts/Figure";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { LABOUR } from "../../words/labour";

/** Where a shade begins: a doubling each, so that half and twice a vacancy for each are as far apart as they sound. */
export const STEPS = [0.25, 0.5, 1, 2, 4, 8] as const;

/** The shade of a ratio, 0 to 6. */
export const shadeOf = (value: number) => STEPS.filter((step) => value >= step).length;

/** "07:2": the field and the occupation it leads to. */
export const pairOf = (member: string) => member.split(":") as [field: string, occupation: string];

/** Fields by occupations, darker the more vacancies there are for each graduate. A table, so that it can be read aloud. */
export function Heat({ cells, fields, caption }: { cells: readonly Cell[]; fields: readonly Cell[]; caption: string }) {
  const { catalogue, name, lang } = useSite();
  const say = useWords(LABOUR);
  const rows = inOrder(catalogue, "field", cells.map((each) => pairOf(each.member)[0]));
  const columns = inOrder(catalogue, "occupation", cells.map((each) => pairOf(each.member)[1]));
  return (
    <>
      <div class="table heat" role="region" aria-label={caption} tabIndex={0}>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{say("field")}</th>
              {columns.map((code) => <th key={code} scope="col">{name(memberName(catalogue, "occupation", code))}</th>)}
              <th scope="col">{say("allOccupations")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((field) => (
              <tr key={field}>
                <th scope="row">{name(memberName(catalogue, "field", field))}</th>
                {columns.map((code) => <Square key={code} cell={cells.find((each) => each.member === `${field}:${code}`)} />)}
                <Square cell={fields.find((each) => each.member === field)} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="legend small">
        <span class="soft">{say("legend")}</span>
        {RAMP.map((colour, at) => (
          <span key={colour} class={`swatch s${at} ${isDark(colour) ? "dark" : ""}`}>
            {at === 0 ? say("below", { value: number(STEPS[0], "ratio", lang) })
              : at === STEPS.length ? say("from", { value: STEPS[at - 1]! })
              : say("between", { low: STEPS[at - 1]!, high: STEPS[at]! })}
          </span>
        ))}
        <span class="swatch hidden">{say("hatched")}</span>
        <span class="swatch none">{say("empty")}</span>
      </p>
    </>
  );
}

function Square({ cell }: { cell: Cell | undefined }) {
  const say = useWords(LABOUR);
  if (!cell) return <td class="none"><span aria-hidden="true">·</span><span class="unseen">{say("noPath")}</span></td>;
  if (cell.status === "not_applicable") return <td class="none"><Figure point={cell} unit="ratio" /></td>;
  if (cell.status !== "published" || cell.value === null) return <td class="hidden"><Figure point={cell} unit="ratio" /></td>;
  const at = shadeOf(cell.value);
  return <td class={`s${at} ${isDark(RAMP[at]!) ? "dark" : ""}`}><Figure point={cell} unit="ratio" /></td>;
}
