import { amount } from "../data/format";
import { useRevisions } from "../data/load";
import { areaOf } from "../data/select";
import type { Indicator, RevisionsFile } from "../data/types";
import { useSite } from "../site";
import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { Await } from "./Await";

type Change = RevisionsFile["changes"][number];
const REASONS = { data: "whyData", definition: "whyDefinition", models: "whyModels", "nothing known": "whyUnknown" } as const;
const MOST = 20;

interface Props {
  indicator: Indicator;
  unit: string;
  /** narrows to what is shown; unasked, every change of the indicator */
  area?: string | undefined;
  period?: string | undefined;
}

/** What the last release changed in a figure, and because of what. */
export function WhyChanged({ indicator, unit, area, period }: Props) {
  const { catalogue, realm } = useSite();
  const say = useWords(PARTS);
  const isRevised = (indicator.has[realm]?.revised ?? 0) > 0;
  const revisions = useRevisions(realm, isRevised ? indicator.code : null);
  if (catalogue.release.previous_id === null) return <p>{say("whyFirst")}</p>;
  if (!isRevised) return <p>{say("whyNothing")}</p>;
  return (
    <Await of={revisions} absent={<p>{say("whyNothing")}</p>}>
      {(file) => {
        const changes = file.changes.filter(
          (each) => each.method === indicator.method && (!area || each.area === area) && (!period || each.period === period),
        );
        return changes.length ? <Changes file={file} changes={changes} unit={unit} /> : <p>{say("whyNothing")}</p>;
      }}
    </Await>
  );
}

function Changes({ file, changes, unit }: { file: RevisionsFile; changes: Change[]; unit: string }) {
  const { catalogue, name, lang } = useSite();
  const say = useWords(PARTS);
  const told = (seen: Change["old"]) =>
    !seen ? say("no_number") : seen.value !== null && seen.status === "published" ? amount(seen.value, unit, lang) : say(seen.status);
  return (
    <div class="why">
      <p class="soft small">{say("whyFrom", { before: file.before, after: file.after })}</p>
      <ul>
        {changes.slice(0, MOST).map((each) => {
          const area = areaOf(catalogue, each.area);
          return (
            <li key={[each.area, each.period, each.dimension, each.member].join(" ")}>
              {area ? name(area) : each.area} · {each.period}
              {each.member !== "total" && ` · ${each.member}`}: {told(each.old)} → <strong>{told(each.new)}</strong>, {say(REASONS[each.why])}
            </li>
          );
        })}
        {changes.length > MOST && <li>{say("more", { number: changes.length - MOST })}</li>}
      </ul>
      {file.batches.length > 0 && (
        <>
          <h4>{say("batches")}</h4>
          <ul>
            {file.batches.slice(0, MOST).map((each) => (
              <li key={`${each.agency} ${each.entity} ${each.what}`}>
                {name(each.agency_name)} · {each.entity} · {each.what} × {each.deliveries}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
