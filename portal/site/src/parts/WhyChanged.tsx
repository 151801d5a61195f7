import { amount, difference } from "../data/format";
import { useRevisions } from "../data/load";
import { areaOf } from "../data/select";
import type { Indicator, RevisionsFile } from "../data/types";
import { type Site, useSite } from "../site";
import { sayer, useWords } from "../words";
import { CHANGES } from "../words/changes";
import { PARTS } from "../words/parts";
import { Await } from "./Await";
import { Because } from "./Because";
import { bySize, type Change, changesOf, keyOfChange, movedBy, type Reason } from "./changes";

const MOST = 12;

interface Props {
  indicator: Indicator;
  unit: string;
  /** narrows to what is shown; unasked, every change of the indicator */
  area?: string | undefined;
  period?: string | undefined;
  dimension?: string | undefined;
  member?: string | undefined;
}

/** What the last release changed in a figure, by how much, and because of what. */
export function WhyChanged({ indicator, unit, ...slice }: Props) {
  const { catalogue, realm } = useSite();
  const say = useWords(PARTS);
  const isRevised = (indicator.has[realm]?.revised ?? 0) > 0;
  const revisions = useRevisions(realm, isRevised ? indicator.code : null);
  if (catalogue.release.previous_id === null) return <p>{say("whyFirst")}</p>;
  if (!isRevised) return <p>{say("whyNothing")}</p>;
  return (
    <Await of={revisions} absent={<p>{say("whyNothing")}</p>}>
      {(file) => {
        const changes = changesOf(file, { method: indicator.method, ...slice });
        return changes.length ? <Changes indicator={indicator} file={file} changes={changes} unit={unit} /> : <p>{say("whyNothing")}</p>;
      }}
    </Await>
  );
}

function Changes({ indicator, file, changes, unit }: { indicator: Indicator; file: RevisionsFile; changes: Change[]; unit: string }) {
  const site = useSite();
  const { catalogue, name, link } = site;
  const say = useWords(CHANGES);
  const parts = useWords(PARTS);
  return (
    <div class="why">
      <p class="soft small">{parts("whyFrom", { before: file.before, after: file.after })}</p>
      <ul>
        {bySize(changes).slice(0, MOST).map((each) => {
          const area = areaOf(catalogue, each.area);
          return (
            <li key={keyOfChange(each)}>
              {area ? name(area) : each.area} · {each.period}{each.member !== "total" && ` · ${memberName(site, each)}`}:{" "}
              {told(site, each.old, unit)} → <strong>{told(site, each.new, unit)}</strong>
              {movedBy(each) !== null && ` (${difference(movedBy(each)!, unit, site.lang)})`}, {because(site, each.why)}
            </li>
          );
        })}
      </ul>
      <Because file={file} changes={changes} />
      <p><a href={link({ view: "changes", indicator: indicator.code, method: indicator.method })}>{say("all")}</a></p>
    </div>
  );
}

/** What a reader saw, in words; never a number where there was none. */
export function told(site: Site, seen: Change["old"], unit: string): string {
  const say = sayer(PARTS, site.lang);
  if (!seen) return say("no_number");
  return seen.status === "published" && seen.value !== null ? amount(seen.value, unit, site.lang) : say(seen.status);
}

/** The reason, in words. */
export function because(site: Site, why: Reason): string {
  const say = sayer(CHANGES, site.lang);
  return say(why === "nothing known" ? "unknown" : why);
}

/** What a member of a breakdown is called. */
export function memberName({ catalogue, name }: Site, { dimension, member }: Pick<Change, "dimension" | "member">): string {
  const known = catalogue.dimensions[dimension]?.members.find((each) => each.code === member);
  return known ? name(known) : member;
}
